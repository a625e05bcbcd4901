// The relief of the paper that many photos of the 1970s are printed on, silk or linen or honeycomb,
// which a scanner's lamp shows as a regular pattern over the picture.
#pragma once

#include <stop_token>

#include "codec/photo.h"

namespace gpen::restore {

/// Takes away waves along two directions or more that stand out of the spectrum in all parts of the
/// photo, as strong as they are where the picture shows nothing else; within 16 pixels of its
/// border a part of them stays. Returns how long they were, 3 to 26 pixels, and 0 where there were
/// none, or where the photo has no room for 25 squares of 128 pixels. `photo`: kU8 or kU16, 1 to 4
/// channels. Where `stop` is requested it is left half done.
double RemovePaperTexture(int threads, const std::stop_token& stop, codec::Photo* photo);

}  // namespace gpen::restore
