// The combs of an interlaced picture: a still of a video or of an old security camera, whose even
// rows were taken a moment before or after its odd ones. What moved in between stands there twice.
#pragma once

#include "codec/photo.h"
#include "image/image.h"

namespace gpen::restore {

/// Whether parts of the photo have odd rows that fit between the even ones only if they are moved
/// along, most of those that do not fit by about as much. Of video's sizes alone, up to 1200 rows:
/// what was made larger or smaller has no such rows any more. `photo`: kU8 or kU16, 1 to 4
/// channels.
bool IsInterlaced(ImageView photo, int threads);

/// Where the photo is interlaced, its odd rows are moved to where they fit, or made of the even
/// ones where they fit nowhere. Rows that fit stay as they are, as do all even ones. Returns
/// whether it was interlaced.
bool RemoveInterlacing(int threads, codec::Photo* photo);

}  // namespace gpen::restore
