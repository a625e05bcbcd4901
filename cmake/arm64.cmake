# Toolchain for 64 bit ARM from another machine: GPEN_SYSROOT is what packaging/release/arm64_sysroot.sh made. Programs
# of the build (manual page, models) and tests are run by qemu, as on the oldest processor that we promise.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(GPEN_SYSROOT "$ENV{GPEN_SYSROOT}" CACHE PATH "What arm64_sysroot.sh made")
if(NOT IS_DIRECTORY "${GPEN_SYSROOT}/usr/lib/aarch64-linux-gnu")
  message(FATAL_ERROR "GPEN_SYSROOT: expected the folder that packaging/release/arm64_sysroot.sh made, "
    "found \"${GPEN_SYSROOT}\"")
endif()
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES GPEN_SYSROOT)
set(CMAKE_SYSROOT ${GPEN_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${GPEN_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
    ${GPEN_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${GPEN_SYSROOT}/usr/share/pkgconfig)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -cpu cortex-a53 -L ${GPEN_SYSROOT})
