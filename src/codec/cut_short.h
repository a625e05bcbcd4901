// Whether a photo's end is still missing: a writer on a network may rest in
// the middle of a file, and gives no notice of its closing. Not whether the photo is sound: that
// takes decoding it.
#pragma once

#include <cstdint>

namespace gpen::codec {

/// True where the open file `descriptor` of `size` bytes is not whole (whole_file.h), has no bytes
/// or begins with zeros; or where it is shorter by now. False for what is no photo. Of most photos
/// it reads headers and at most 64 KiB; of a JPEG with much behind its picture up to the picture's
/// end.
bool LooksCutShort(int descriptor, std::int64_t size);

}  // namespace gpen::codec
