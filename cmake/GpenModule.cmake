# gpen_add_module(NAME [THREADED] [USES module...] [LIBRARIES target...] [PUBLIC_LIBRARIES target...]
#                 [TEST_LIBRARIES target...])
#
# One static library `gpen_NAME` from src/NAME/*.cc, and one test binary `NAME_test` from
# src/NAME/*_test.cc. LIBRARIES are private: third-party headers stay inside the module.
# THREADED: threads meet in it, so its tests also run under the thread sanitizer.
#
# These calls are the module graph, and the only place where it is written: gpen_write_module_graph()
# gives it to tests/rules/module_graph_test.py, which holds the includes and docs/ARCHITECTURE.md to it.

option(GPEN_TEST_EACH_CASE
       "A ctest test for each test case; off: one for each module, where every start takes long" ON)

# What to build for a run of the tests alone; nobody has to list them.
add_custom_target(unit_tests)
add_custom_target(thread_tests)
add_custom_target(fuzz_corpora)

function(gpen_add_module name)
  cmake_parse_arguments(ARG "THREADED" "" "USES;LIBRARIES;PUBLIC_LIBRARIES;TEST_LIBRARIES" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS ${dir}/*_test.cc)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  foreach(used ${ARG_USES})
    if(NOT TARGET gpen_${used})
      message(FATAL_ERROR "module ${name} uses ${used}, which is not defined above it in "
                          "src/CMakeLists.txt: a module may use only those above it")
    endif()
  endforeach()
  gpen_note_module(${name} "${ARG_USES}" "${ARG_LIBRARIES};${ARG_PUBLIC_LIBRARIES}")
  list(TRANSFORM ARG_USES PREPEND gpen_)

  add_library(gpen_${name} STATIC ${sources})
  target_link_libraries(gpen_${name} PUBLIC gpen_compiler ${ARG_USES} ${ARG_PUBLIC_LIBRARIES}
                                     PRIVATE ${ARG_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY GPEN_MODULES gpen_${name})
  if(NOT tests)
    return()
  endif()

  set(threaded "")
  if(ARG_THREADED)
    set(threaded THREADED)
  endif()
  gpen_add_unit_tests(${name} ${threaded} SOURCES ${tests}
                      LIBRARIES gpen_${name} ${ARG_LIBRARIES} ${ARG_TEST_LIBRARIES})
endfunction()

# gpen_add_unit_tests(NAME [THREADED] SOURCES file... LIBRARIES target...): the binary NAME_test, with the
# labels NAME, unit and (THREADED) threads.
function(gpen_add_unit_tests name)
  cmake_parse_arguments(ARG "THREADED" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${ARG_LIBRARIES} GTest::gtest_main)
  add_dependencies(unit_tests ${name}_test)
  set(labels ${name} unit)
  if(ARG_THREADED)
    add_dependencies(thread_tests ${name}_test)
    list(APPEND labels threads)
  endif()
  if(GPEN_TEST_EACH_CASE)
    # Discovered when the tests run, so that a build needs no model or photo.
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}: DISCOVERY_MODE PRE_TEST
                         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                         PROPERTIES LABELS "${labels}" TIMEOUT 300)
  else()
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT 1800)
  endif()
endfunction()

# One line of JSON for each module, in the order of their definition.
function(gpen_note_module name uses libraries)
  string(REPLACE ";" "\", \"" uses "\"${uses}\"")
  list(REMOVE_ITEM libraries "")
  string(REPLACE ";" "\", \"" libraries "\"${libraries}\"")
  string(REPLACE "\"\"" "" line
         "{\"name\": \"${name}\", \"uses\": [${uses}], \"libraries\": [${libraries}]}\n")
  set_property(GLOBAL APPEND_STRING PROPERTY GPEN_MODULE_GRAPH "${line}")
endfunction()

set(GPEN_MODULE_GRAPH_FILE ${CMAKE_BINARY_DIR}/module_graph.jsonl)
function(gpen_write_module_graph)
  get_property(lines GLOBAL PROPERTY GPEN_MODULE_GRAPH)
  file(WRITE ${GPEN_MODULE_GRAPH_FILE} "${lines}")
endfunction()
