#!/usr/bin/env bash
# arm64_sysroot.sh RELEASE FOLDER: what a program for 64 bit ARM is compiled and linked with, of the packages of that
# release of Debian (bookworm, trixie). They are only unpacked: nothing of another architecture is run, and this
# machine's own packages stay as they are.
set -euo pipefail
release=$1
folder=$2
tree=$(cd "$(dirname "$0")/../.." && pwd)
[ ! -e "$folder" ] || { echo "arm64_sysroot.sh: $folder is there already" >&2; exit 1; }

# Libraries and their headers, and the texts of licences: no compilers and tools, which are this machine's, and ONNX
# Runtime is npm's.
case $release in
  bookworm) optional='/^?/d' compiler=12 ;;
  *) optional='s/^?//' compiler=14 ;;
esac
wanted="$(sed "/^# test/,\$d; /^#/d; $optional" "$tree/packaging/debian-packages.txt" |
  grep -E '^lib|nlohmann' | grep -v onnxruntime | paste -sd,),libstdc++-$compiler-dev,base-files"
mmdebstrap --quiet --variant=extract --architectures=arm64 --skip=cleanup/apt --include="$wanted" \
  "$release" "$folder.new" >&2

# As usrmerge and update-alternatives would have left it.
for link in bin sbin lib; do
  [ ! -L "$folder.new/$link" ] || continue
  if [ -d "$folder.new/$link" ]; then
    cp -a "$folder.new/$link/." "$folder.new/usr/$link/"
    rm -r "${folder:?}.new/$link"
  fi
  ln -s "usr/$link" "$folder.new/$link"
done
libraries=$folder.new/usr/lib/aarch64-linux-gnu
[ -e "$libraries/pkgconfig/hdf5.pc" ] || ln -s hdf5-serial.pc "$libraries/pkgconfig/hdf5.pc"
# What the build runs of its own is emulated. Debian 12's qemu shows this machine's processor there, and ONNX Runtime
# ends where none of ARM is named.
mkdir -p "$folder.new/proc"
printf 'processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd03\n' \
  >"$folder.new/proc/cpuinfo"
# What dpkg would remember: which package each file is of, and since when its libraries have each function.
info=$folder.new/var/lib/dpkg/info
mkdir -p "$info"
echo 1 >"$info/format"
: >"$folder.new/var/lib/dpkg/status"
for package in "$folder.new"/var/cache/apt/archives/*.deb; do
  { dpkg-deb --field "$package"; echo "Status: install ok installed"; echo; } >>"$folder.new/var/lib/dpkg/status"
  name=$(dpkg-deb --field "$package" Package)
  [ "$(dpkg-deb --field "$package" Multi-Arch)" != same ] || name=$name:arm64
  dpkg-deb --fsys-tarfile "$package" | tar --list | sed 's|^\.||; s|/$||' >"$info/$name.list"
  dpkg-deb --control "$package" "$folder.new/control"
  for file in symbols shlibs; do
    [ ! -e "$folder.new/control/$file" ] || mv "$folder.new/control/$file" "$info/$name.$file"
  done
  rm -r "$folder.new/control"
done
rm -f "$folder.new"/var/cache/apt/archives/*.deb
mv "$folder.new" "$folder"
