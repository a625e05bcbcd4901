# `cmake --install build/release --prefix PLACE`: a tree that runs from anywhere. The program finds its library and its
# models by where it lies itself.
include(GNUInstallDirs)
set(_models ${CMAKE_INSTALL_DATAROOTDIR}/gpen/models)

set_target_properties(gpen PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/gpen-nas")
install(TARGETS gpen RUNTIME)
if(ONNXRUNTIME_SHIPPED)
  # Under the name that the program asks for, whatever links lead to it.
  file(REAL_PATH ${ONNXRUNTIME_SHIPPED} _library)
  install(FILES ${_library} DESTINATION lib/gpen-nas RENAME libonnxruntime.so.1)
endif()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/models/ DESTINATION ${_models}
        FILES_MATCHING PATTERN "*.onnx" PATTERN "*.json" PATTERN "*.md" PATTERN "*.tmp" EXCLUDE)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/README.md TYPE DOC)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/nginx/gpen.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/nginx)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/nginx/gpen-tls.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/nginx)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/fail2ban/filter.conf ${CMAKE_SOURCE_DIR}/packaging/fail2ban/jail.conf
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/fail2ban)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/samba/smb.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/samba)
