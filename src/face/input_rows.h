// Rows of pictures -> rows of the inputs of the face networks.
#pragma once

#include "image/image.h"

namespace gpen::face {

/// Writes row `y` of `picture` (any sample type, 1 to 4 channels; gray counts as R=G=B, alpha is
/// ignored) to `row`, width x 3 values: sample * scale + offset, with samples in 0..1.
void FillRgbRow(ImageView picture, int y, float scale, float offset, float* row);

/// The same of its Rec. 601 luma: width values.
void FillGrayRow(ImageView picture, int y, float scale, float* row);

}  // namespace gpen::face
