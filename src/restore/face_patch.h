// FacePatch: one face as the network restored it, with all that is needed to put it into the photo.
// Blending again with another strength needs no new network run.
#pragma once

#include "face/landmarks.h"
#include "image/affine.h"
#include "image/image.h"

namespace gpen::restore {

struct FacePatch {
  Affine photo_from_crop;     ///< Similarity from pixels of the crop to pixels of the photo.
  Image input;                ///< The aligned crop, kF32 x 3, sRGB 0..1.
  Image output;               ///< The network's picture of it, same form.
  Image mask;                 ///< kF32 x 1, 0..1, same size: where the face is.
  face::Landmarks landmarks;  ///< In pixels of the crop.
  bool replaces = false;  ///< The output is taken as it is: no texture, no tone, not as a change.
  bool was_cleaned = false;  ///< The output, by WholePhoto::CleanFace().
  double weight = 1;         ///< 0..1, on top of the strength: lowered where identity changed.

  /// Pixels of the crop per pixel of the photo: above 1 the face is smaller than the network's
  /// input.
  double scale() const { return 1 / photo_from_crop.Scale(); }
};

}  // namespace gpen::restore
