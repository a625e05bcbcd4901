// Texture: keeps fine detail that the photo has and the network's picture lacks.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// Mixes the high frequencies of `original` into `restored` (both kF32 x 3, one size). At each
/// place the part that is taken is at most `amount` (0..1) and grows with how much more detail the
/// original has there: a blurred photo takes nothing back, a sharp one keeps its skin and hair.
void KeepTexture(ImageView original, double amount, MutableImageView restored);

}  // namespace gpen::restore
