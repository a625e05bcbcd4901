# Target `onnxruntime`, from the first of: ONNXRUNTIME_ROOT (include/ and lib/), the system
# (Debian 13: libonnxruntime-dev), the pinned npm packages. On ARM the npm packages come before the system: Debian's
# library needs ARMv8.2 (half floats), which a Raspberry Pi 4 and older NAS do not have.
# ONNXRUNTIME_SHIPPED: the library's file where it must be installed with the program; else empty.

set(ONNXRUNTIME_ROOT "$ENV{ONNXRUNTIME_ROOT}" CACHE PATH "Folder with include/ and lib/ of ONNX Runtime")
set(_npm ${CMAKE_SOURCE_DIR}/packaging/npm/node_modules)
set(_headers ${_npm}/com.github.asus4.onnxruntime/Plugins/iOS~/onnxruntime.xcframework)
string(APPEND _headers /ios-arm64/onnxruntime.framework/Headers)
set(_places system npm)
set(_npm_arch x64)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(_places npm system)
  set(_npm_arch arm64)
endif()
if(ONNXRUNTIME_ROOT)
  set(_places root)
endif()

foreach(_place ${_places})
  set(_from ${_place})
  unset(_ort_include)
  unset(_ort_library)
  # What is not the system's lies where it is said, also for another machine's architecture.
  set(_here NO_CACHE NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
  if(_place STREQUAL root)
    set(_where "ONNXRUNTIME_ROOT=${ONNXRUNTIME_ROOT}")
    find_path(_ort_include onnxruntime_c_api.h ${_here} PATHS ${ONNXRUNTIME_ROOT}/include
              PATH_SUFFIXES onnxruntime onnxruntime/core/session)
    find_library(_ort_library NAMES onnxruntime libonnxruntime.so.1 ${_here} PATHS ${ONNXRUNTIME_ROOT}/lib)
  elseif(_place STREQUAL system)
    set(_where "the system")
    find_path(_ort_include onnxruntime_c_api.h NO_CACHE PATH_SUFFIXES onnxruntime onnxruntime/core/session)
    find_library(_ort_library NO_CACHE NAMES onnxruntime)
  else()
    set(_where "the npm packages")
    # One package has the headers, the other the libraries of both architectures; the C API only
    # grows, so the newer library serves the older header.
    find_path(_ort_include onnxruntime_c_api.h ${_here} PATHS
      "${_headers}")
    find_library(_ort_library NAMES libonnxruntime.so.1 ${_here}
                 PATHS ${_npm}/onnxruntime-node/bin/napi-v6/linux/${_npm_arch})
  endif()
  if(_ort_include AND _ort_library)
    break()
  endif()
endforeach()
if(NOT _ort_include OR NOT _ort_library)
  message(FATAL_ERROR "ONNX Runtime not found in ${_where}: looked for onnxruntime_c_api.h "
    "(found: ${_ort_include}) and libonnxruntime (found: ${_ort_library}). "
    "Run ./run.sh, which fetches the pinned packages, or set ONNXRUNTIME_ROOT.")
endif()
message(STATUS "ONNX Runtime from ${_where}: ${_ort_library}")

add_library(onnxruntime SHARED IMPORTED GLOBAL)
set_target_properties(onnxruntime PROPERTIES IMPORTED_LOCATION ${_ort_library})
target_include_directories(onnxruntime SYSTEM INTERFACE ${_ort_include})
set(ONNXRUNTIME_SHIPPED "")
if(NOT _from STREQUAL system)
  set(ONNXRUNTIME_SHIPPED ${_ort_library})
endif()
