// FaceDetail: whether the crop of a face is soft.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// How strong the Laplacian of luma is at half of the crop's resolution, as a multiple of that at a
/// quarter; over the crop's middle, where the face is. 0.4 to 0.7 of a sharp face, whatever its
/// contrast; down to 0.25 of a soft one; more under noise. `crop`: sRGB in floats, 0..1, as
/// AlignFace() cuts it, of 64 pixels or more.
double FaceDetail(ImageView crop);

}  // namespace gpen::restore
