#!/usr/bin/env bash
# arm64_sysroot.sh FOLDER: what a program for 64 bit ARM is compiled and linked with, of Debian 13's packages. They are
# only unpacked: nothing of another architecture is run, and this machine's own packages stay as they are.
set -euo pipefail
folder=$1
tree=$(cd "$(dirname "$0")/../.." && pwd)
[ ! -e "$folder" ] || { echo "arm64_sysroot.sh: $folder is there already" >&2; exit 1; }

# Libraries and their headers, and the texts of licences: no compilers and tools, which are this machine's, and ONNX
# Runtime is npm's.
wanted="$(sed '/^# test/,$d; /^#/d; s/^?//' "$tree/packaging/debian-packages.txt" |
  grep -E '^lib|nlohmann' | grep -v onnxruntime | paste -sd,),libstdc++-14-dev,base-files"
mmdebstrap --quiet --variant=extract --architectures=arm64 --skip=cleanup/apt --include="$wanted" \
  trixie "$folder.new" >&2

# As usrmerge and update-alternatives would have left it.
for link in bin sbin lib; do
  [ -e "$folder.new/$link" ] || ln -s "usr/$link" "$folder.new/$link"
done
libraries=$folder.new/usr/lib/aarch64-linux-gnu
[ -e "$libraries/pkgconfig/hdf5.pc" ] || ln -s hdf5-serial.pc "$libraries/pkgconfig/hdf5.pc"
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
