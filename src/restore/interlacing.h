// The combs of an interlaced picture: a still of a video or of an old security camera, whose even
// rows were taken a moment before or after its odd ones. What moved in between stands there twice.
#pragma once

#include "codec/photo.h"

namespace gpen::restore {

/// Whether the photo was interlaced: whether parts of it have odd rows that fit between the even
/// ones only if they are moved along, most of those that do not fit by about as much. Of video's
/// sizes alone, up to 2048x1200: what was made larger or smaller has no such rows any more.
///
/// These rows are moved to where they fit, or made of the even ones where they fit nowhere; in and
/// beside such parts odd rows do not stand out of those above and below. All else stays as it is.
/// `photo`: kU8 or kU16, 1 to 4 channels.
bool RemoveInterlacing(int threads, codec::Photo* photo);

}  // namespace gpen::restore
