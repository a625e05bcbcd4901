# gpen_add_module(NAME [USES module...] [LIBRARIES target...])
#
# One static library `gpen_NAME` from src/NAME/*.cc, and one test binary `NAME_test` from
# src/NAME/*_test.cc. LIBRARIES are private: third-party headers stay inside the module.
function(gpen_add_module name)
  cmake_parse_arguments(ARG "" "" "USES;LIBRARIES;PUBLIC_LIBRARIES" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS ${dir}/*_test.cc)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  if(NOT sources)
    return()
  endif()
  list(TRANSFORM ARG_USES PREPEND gpen_)

  add_library(gpen_${name} STATIC ${sources})
  target_link_libraries(gpen_${name} PUBLIC gpen_compiler ${ARG_USES} ${ARG_PUBLIC_LIBRARIES}
                                     PRIVATE ${ARG_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY GPEN_MODULES gpen_${name})
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE gpen_${name} ${ARG_LIBRARIES} GTest::gtest_main)
    # Discovered when the tests run, so that a build needs no model or photo.
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}: DISCOVERY_MODE PRE_TEST
                         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTIES LABELS ${name} TIMEOUT 300)
  endif()
endfunction()
