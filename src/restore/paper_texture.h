// The relief of the paper that many photos of the 1970s are printed on, silk or linen or honeycomb,
// which a scanner's lamp shows as a regular pattern over the picture.
#pragma once

#include <optional>

#include "codec/photo.h"
#include "image/image.h"

namespace gpen::restore {

/// Pixels from wave to wave of such a pattern, 3 to 26; nothing where most of the photo shows none,
/// or where it has less than some 640 pixels a side. Found as waves along two directions or more
/// that stand out of the spectrum in all its parts. `photo`: kU8 or kU16, 1 to 4 channels.
std::optional<double> MeasurePaperTexture(ImageView photo, int threads);

/// Takes these waves away, as strong as they are where the picture shows nothing else, and nothing
/// else of the picture. Returns how long they were, 0 if there were none.
double RemovePaperTexture(int threads, codec::Photo* photo);

}  // namespace gpen::restore
