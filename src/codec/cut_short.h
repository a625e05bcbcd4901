// Whether a photo's end is still missing, told from a few bytes: a writer on a network may rest in
// the middle of a file, and gives no notice of its closing. Not whether the photo is sound: that
// takes decoding it.
#pragma once

#include <cstdint>

namespace gpen::codec {

/// True where the open file `descriptor` of `size` bytes has no end of its kind: no bytes, a JPEG
/// or PNG without its end mark near the end, a WebP, HEIC or TIFF that says it is longer, a TIFF
/// without a directory yet, a start of zeros; or where it is shorter by now. A photo with much
/// behind its end mark is taken for cut short too: whoever asks waits, and tries it in the end.
/// False for what is no photo. Reads at most 64 KiB of a photo and its headers, a few MiB of a
/// crafted one.
bool LooksCutShort(int descriptor, std::int64_t size);

}  // namespace gpen::codec
