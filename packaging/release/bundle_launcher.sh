#!/bin/sh
# Starts GPEN-NAS with the libraries beside it, whatever the system has. Move the folder as a whole.
here=$(dirname "$(readlink -f "$0")")
export GPEN_MODELS="${GPEN_MODELS:-$here/share/gpen/models}"
export LIBHEIF_PLUGIN_PATH="$here/lib/libheif"
export ORT_DISABLE_TELEMETRY=1
# The program starts itself again for photos, and must come through this file then, too.
export GPEN_LAUNCHER="$here/gpen"
# Large blocks in pages of 2 MB: bringing a photo's pixels into memory in small ones takes longer than decoding.
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"
exec "$here/lib/@LOADER@" --argv0 gpen --library-path "$here/lib:$here/lib/gpen-nas" "$here/bin/gpen" "$@"
