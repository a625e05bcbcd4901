#!/usr/bin/env bash
# Sets up a Debian machine, builds GPEN-NAS and runs it.
#   ./run.sh restore PHOTO      restores the faces in a photo (see: ./run.sh restore --help)
#   ./run.sh                    starts the service on port 7860 (see: ./run.sh serve --help)
#   ./run.sh --help             shows what else there is
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
log=$here/build/run.log
mkdir -p "$here/build"

# Quiet unless it fails: the person wants a photo, not a build log.
step() {
  if ! "$@" >>"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "run.sh: '$*' failed; the whole log is in $log" >&2
    exit 1
  fi
}
: >"$log"
"$here/scripts/setup.sh" >&2
cd "$here"
[ -f build/release/build.ninja ] || step cmake --preset release
[ -x build/release/apps/gpen/gpen ] || echo "run.sh: building, which takes a few minutes the first time" >&2
step cmake --build --preset release --target gpen models
cd "$OLDPWD"
# Large blocks in pages of 2 MB: bringing a photo's pixels into memory in small ones takes longer than decoding.
export GLIBC_TUNABLES=${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}
exec "$here/build/release/apps/gpen/gpen" "${@:-serve}"
