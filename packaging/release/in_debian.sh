#!/usr/bin/env bash
# in_debian.sh RELEASE COMMAND...: runs a command in a Debian of that release (bookworm, trixie) that has what a build
# needs, with this tree at the place where it lies. The root is made at the first call, and stays: GPEN_ROOTS says
# where (/var/tmp/gpen-roots). Needs root and mmdebstrap.
set -euo pipefail
tree=$(cd "$(dirname "$0")/../.." && pwd)
release=$1
shift
root=${GPEN_ROOTS:-/var/tmp/gpen-roots}/$release

# ONNX Runtime is not Debian's: every package brings the same one (packaging/npm).
wanted=$(sed '/^# test/,$d; /^#/d; /onnxruntime/d' "$tree/packaging/debian-packages.txt")
[ "$release" != bookworm ] || wanted=$(grep -v '^?' <<<"$wanted")
wanted="$(sed 's/^?//' <<<"$wanted" | paste -sd,),build-essential,ca-certificates,git,debhelper,python3"
stamp=$root/etc/gpen-packages  # A root of other packages is made anew.
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  mkdir -p "$(dirname "$root")"
  rm -rf --one-file-system "$root.new" "$root"
  mmdebstrap --quiet --variant=apt --include="$wanted" "$release" "$root.new" >&2
  printf '%s' "$wanted" >"$root.new/etc/gpen-packages"
  mv "$root.new" "$root"
fi

mount_and_run='
root=$1 tree=$2 git=$3 here=$4
shift 4
for folder in "$tree" "$git" /tmp "${CCACHE_DIR:-$HOME/.cache/ccache}"; do
  mkdir -p "$folder" "$root$folder"
  mount --rbind "$folder" "$root$folder"
done
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot "$root" env --chdir="$here" PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"'
git=$(git -C "$tree" rev-parse --path-format=absolute --git-common-dir)
exec unshare --mount --pid --fork --kill-child bash -ec "$mount_and_run" in_debian "$root" "$tree" "$git" "$PWD" "$@"
