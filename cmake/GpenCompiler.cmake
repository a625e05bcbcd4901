# Warnings, instruction set and tools that every target shares.

add_library(gpen_compiler INTERFACE)
target_compile_options(gpen_compiler INTERFACE -Wall -Wextra -Wconversion -Wshadow)
# GCC 12 and 13 report std::string's own code (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(gpen_compiler INTERFACE -Wno-restrict)
endif()
if(GPEN_WERROR)
  target_compile_options(gpen_compiler INTERFACE -Werror)
endif()
target_include_directories(gpen_compiler INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(gpen_compiler INTERFACE GPEN_VERSION="${PROJECT_VERSION}")

# NAS Celerons have no AVX. Libraries dispatch at run time; our own code stays at x86-64-v2.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_options(gpen_compiler INTERFACE -march=x86-64-v2)
endif()

# A fault in a parser is to be hard to use: stack and copies are checked, and the tables of libraries' functions cannot
# be written after the start. Only what is shipped: the sanitizers check more. tests/cli/hardened_test.py looks.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(gpen_compiler INTERFACE -fstack-protector-strong -fstack-clash-protection
                         -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(gpen_compiler INTERFACE -fcf-protection)
  endif()
  target_link_options(gpen_compiler INTERFACE -Wl,-z,relro -Wl,-z,now)
endif()

find_program(GPEN_CCACHE ccache)
if(GPEN_CCACHE)
  # Relative paths: a second clone or worktree finds the objects of the first.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=true ${GPEN_CCACHE})
endif()
find_program(GPEN_MOLD mold)
if(GPEN_MOLD AND NOT CMAKE_CROSSCOMPILING)  # A cross compiler looks for a linker among its own.
  add_link_options(-fuse-ld=mold)
endif()
