// FaceDetail: how much of a face's crop lies beyond what half its pixels can show.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// Deviation of luma from the crop's reduction to a half, over the crop's middle, where the face
/// is. `crop`: sRGB in floats, 0..1, as AlignFace() cuts it.
double FaceDetail(ImageView crop);

}  // namespace gpen::restore
