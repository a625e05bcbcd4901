// The soft mask that says where a restored face replaces the photo.
#pragma once

#include "face/landmarks.h"
#include "image/image.h"

namespace gpen::face {

/// kF32 x 1, `size` x `size`, 0..1: 1 over the face from chin to forehead, falling softly to 0, and
/// 0 along the whole border, so that no rectangle can show. `landmarks` are in pixels of that crop.
Image FaceMask(const Landmarks& landmarks, int size);

/// Lets a square mask (kF32 x 1) fall to 0 over `border`, a part of its side, along its border.
void FadeToBorder(double border, MutableImageView mask);

/// kF32 x 1, `size` x `size`, all 1: the whole crop is replaced.
Image FullMask(int size);

}  // namespace gpen::face
