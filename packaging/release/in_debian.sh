#!/usr/bin/env bash
# in_debian.sh RELEASE COMMAND...: runs a command in a Debian of that release (bookworm, trixie) that has what a build
# needs, also for 64 bit ARM, with this tree, /tmp and TMPDIR at the places where they lie. The root is made at the
# first call, and stays: GPEN_ROOTS says where (/var/tmp/gpen-roots). Needs root and mmdebstrap.
set -euo pipefail
tree=$(cd "$(dirname "$0")/../.." && pwd)
release=$1
shift
root=${GPEN_ROOTS:-/var/tmp/gpen-roots}/$release

# ONNX Runtime is not Debian's: every package brings the same one (packaging/npm).
wanted=$(sed '/^# test/,$d; /^#/d; /onnxruntime/d' "$tree/packaging/debian-packages.txt")
[ "$release" != bookworm ] || wanted=$(grep -v '^?' <<<"$wanted")
wanted="$(sed 's/^?//' <<<"$wanted") build-essential ca-certificates git debhelper python3"
wanted="$wanted g++-aarch64-linux-gnu qemu-user"
if [ ! -d "$root" ]; then
  mkdir -p "$(dirname "$root")"
  rm -rf --one-file-system "$root.new"
  mmdebstrap --quiet --variant=apt --include="$(echo $wanted | tr " " ,)" "$release" "$root.new" >&2
  mv "$root.new" "$root"
fi
lacking=
for package in $wanted; do
  compgen -G "$root/var/lib/dpkg/info/$package.list" >/dev/null ||
    compgen -G "$root/var/lib/dpkg/info/$package:*.list" >/dev/null || lacking="$lacking $package"
done
if [ -n "$lacking" ]; then
  for words in update "install --yes --no-install-recommends $lacking"; do
    DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get --quiet $words >&2
  done
fi

mount_and_run='
root=$1 tree=$2 git=$3 here=$4
shift 4
for folder in "$tree" "$git" /tmp "${TMPDIR:-/tmp}" "${CCACHE_DIR:-$HOME/.cache/ccache}"; do
  mkdir -p "$folder" "$root$folder"
  mount --rbind "$folder" "$root$folder"
done
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot "$root" env --chdir="$here" PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"'
git=$(git -C "$tree" rev-parse --path-format=absolute --git-common-dir)
exec unshare --mount --pid --fork --kill-child bash -ec "$mount_and_run" in_debian "$root" "$tree" "$git" "$PWD" "$@"
