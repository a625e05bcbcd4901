#!/usr/bin/env bash
# Sets up a Debian machine, builds GPEN-NAS and passes its tests. Arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")"
scripts/setup.sh test
cmake --preset release
cmake --build --preset release
ctest --preset release "$@"
