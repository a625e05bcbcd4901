#!/usr/bin/env bash
# install.sh FOLDER [CMAKE OPTION...]: builds the program on this Debian and installs it into FOLDER, as all packages
# are made of it. The build stays in build/package-RELEASE-ARCH (GPEN_PACKAGE_BUILD: another place instead of
# build/package). GPEN_SYSROOT, made by arm64_sysroot.sh: builds for 64 bit ARM. GPEN_ALSO: more targets to build.
set -euo pipefail
folder=$1
shift
cd "$(dirname "$0")/../.."
. /etc/os-release
architecture=$(dpkg --print-architecture)
if [ -n "${GPEN_SYSROOT:-}" ]; then
  architecture=arm64
  set -- --toolchain cmake/arm64.cmake "$@"
fi
build=${GPEN_PACKAGE_BUILD:-build/package}-$VERSION_CODENAME-$architecture
# The paths of the machine that builds are nowhere in it.
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGPEN_WERROR=OFF \
  "-DCMAKE_CXX_FLAGS=-ffile-prefix-map=$PWD=." "$@"
# shellcheck disable=SC2086
cmake --build "$build" ${GPEN_JOBS:+--parallel "$GPEN_JOBS"} --target gpen models documents ${GPEN_ALSO:-}
cmake --install "$build" --strip --prefix "$folder"
