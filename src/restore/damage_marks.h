// Which pixels of a photo are to be filled, by how surely each is damaged.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// `sure`: kU8, one channel, of 255: how surely each pixel is damaged. A place that holds a surely
/// damaged pixel is marked as far as pixels that may be damaged reach (diagonally too), and one
/// pixel further, where damage is hardly seen but leaves a line; no other place is. The result is
/// of its size, 0 or 255.
Image MarkDamage(ImageView sure);

}  // namespace gpen::restore
