// Tone protection: the restored face keeps the photo's own colour.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// Gives `restored` the brightness and colour that `original` has over large parts of the face.
/// Where the original is monochrome (gray, sepia, any one tint) the chroma of every pixel is the
/// one that the original has at that brightness, so gray stays exactly gray.
///
/// All are kF32 x 3 sRGB; `restored` is the part `area` of a crop, of which `original` and `mask`
/// are all. `mask` (kF32 x 1) says where the face is, so that hair and background do not bleed into
/// the skin.
void ProtectTone(ImageView original, ImageView mask, const Rect& area, MutableImageView restored);

}  // namespace gpen::restore
