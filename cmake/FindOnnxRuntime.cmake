# Target `onnxruntime`, from the first of: ONNXRUNTIME_ROOT (include/ and lib/), the system
# (Debian 13: libonnxruntime-dev), the pinned npm packages.

set(ONNXRUNTIME_ROOT "$ENV{ONNXRUNTIME_ROOT}" CACHE PATH "Folder with include/ and lib/ of ONNX Runtime")
set(_npm ${CMAKE_SOURCE_DIR}/packaging/npm/node_modules)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(_npm_arch arm64)
else()
  set(_npm_arch x64)
endif()

if(ONNXRUNTIME_ROOT)
  set(_where "ONNXRUNTIME_ROOT=${ONNXRUNTIME_ROOT}")
  find_path(_ort_include onnxruntime_c_api.h NO_CACHE NO_DEFAULT_PATH PATHS ${ONNXRUNTIME_ROOT}/include
            PATH_SUFFIXES onnxruntime onnxruntime/core/session)
  find_library(_ort_library NO_CACHE NAMES onnxruntime libonnxruntime.so.1
               NO_DEFAULT_PATH PATHS ${ONNXRUNTIME_ROOT}/lib)
else()
  set(_where "the system")
  find_path(_ort_include onnxruntime_c_api.h NO_CACHE PATH_SUFFIXES onnxruntime onnxruntime/core/session)
  find_library(_ort_library NO_CACHE NAMES onnxruntime)
  if(NOT _ort_include OR NOT _ort_library)
    set(_where "the npm packages")
    # One package has the headers, the other the libraries of both architectures; the C API only
    # grows, so the newer library serves the older header.
    find_path(_ort_include onnxruntime_c_api.h NO_CACHE NO_DEFAULT_PATH PATHS
      "${_npm}/com.github.asus4.onnxruntime/Plugins/iOS~/onnxruntime.xcframework/ios-arm64/onnxruntime.framework/Headers")
    find_library(_ort_library NO_CACHE NAMES libonnxruntime.so.1 NO_DEFAULT_PATH PATHS
      ${_npm}/onnxruntime-node/bin/napi-v6/linux/${_npm_arch})
  endif()
endif()
if(NOT _ort_include OR NOT _ort_library)
  message(FATAL_ERROR "ONNX Runtime not found in ${_where}: looked for onnxruntime_c_api.h "
    "(found: ${_ort_include}) and libonnxruntime (found: ${_ort_library}). "
    "Run ./run.sh, which fetches the pinned packages, or set ONNXRUNTIME_ROOT.")
endif()
message(STATUS "ONNX Runtime from ${_where}: ${_ort_library}")

add_library(onnxruntime SHARED IMPORTED GLOBAL)
set_target_properties(onnxruntime PROPERTIES IMPORTED_LOCATION ${_ort_library})
target_include_directories(onnxruntime SYSTEM INTERFACE ${_ort_include})
