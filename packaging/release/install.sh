#!/usr/bin/env bash
# install.sh FOLDER [CMAKE OPTION...]: builds the program on this Debian and installs it into FOLDER, as all packages
# are made of it. The build stays in build/package-RELEASE-ARCH
# (GPEN_PACKAGE_BUILD: another place instead of build/package).
set -euo pipefail
folder=$1
shift
cd "$(dirname "$0")/../.."
. /etc/os-release
build=${GPEN_PACKAGE_BUILD:-build/package}-$VERSION_CODENAME-$(dpkg --print-architecture)
# The paths of the machine that builds are nowhere in it.
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGPEN_WERROR=OFF \
  "-DCMAKE_CXX_FLAGS=-ffile-prefix-map=$PWD=." "$@"
cmake --build "$build" --target gpen models documents
cmake --install "$build" --strip --prefix "$folder"
