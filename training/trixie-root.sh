#!/bin/sh
# Makes a Debian 13 (trixie) root with everything that training/ needs, for machines that run an
# older Debian: its PyTorch 2.6 has fast bfloat16 convolutions, which the 1.13 of Debian 12 lacks.
# Needs root and mmdebstrap.
#
#   trixie-root.sh make DIR              build the root (about 3 GB)
#   trixie-root.sh mount DIR FOLDER...   make these folders visible in it under the same path
#   trixie-root.sh umount DIR            undo all mounts
#   trixie-root.sh run DIR COMMAND...    run a command in it, in the current folder if it is mounted
set -eu

packages=python3,python3-torch,python3-numpy,python3-opencv,python3-onnxruntime,python3-pytest
packages=$packages,libopenblas0-pthread,g++,ca-certificates

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
fail() { echo "trixie-root.sh: $*" >&2; exit 1; }
need_root() {
  [ -x "$1/usr/bin/python3" ] || fail "expected a root made by 'trixie-root.sh make $1', found none there"
}

[ $# -ge 2 ] || usage
command=$1 root=$2
shift 2

case $command in
  make)
    [ "$(id -u)" = 0 ] || fail "expected to run as root: mounting and chroot need it"
    command -v mmdebstrap > /dev/null || fail "mmdebstrap is missing: apt-get install mmdebstrap"
    [ ! -e "$root/usr" ] || fail "$root is already a root: remove it first, or use it"
    mmdebstrap --mode=root --variant=apt --include="$packages" trixie "$root"
    ;;
  mount)
    need_root "$root"
    for folder in /proc /dev /sys "$@"; do
      mkdir -p "$root$folder"
      mountpoint -q "$root$folder" || mount --rbind --make-rslave "$folder" "$root$folder"
    done
    ;;
  umount)
    need_root "$root"
    awk -v root="$(realpath "$root")/" 'index($2, root) == 1 { print $2 }' /proc/mounts | sort -r |
      while read -r folder; do umount -l "$folder"; done
    ;;
  run)
    need_root "$root"
    [ $# -gt 0 ] || usage
    exec chroot "$root" /bin/sh -c 'cd "$0" 2> /dev/null || cd /; exec "$@"' "$PWD" "$@"
    ;;
  *) usage ;;
esac
