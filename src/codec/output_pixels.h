// Pixels as a target format can hold them: 16 bit to 8 bit, alpha over white.
#pragma once

#include "image/image.h"

namespace gpen::codec {

/// The nearest 8-bit value of every 16-bit sample.
Image ToEightBit(ImageView pixels);

/// `pixels` (2 or 4 channels) over white, without alpha.
Image OverWhite(ImageView pixels);

}  // namespace gpen::codec
