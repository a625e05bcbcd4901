// The places of a photo that were repaired: how many, how much, and what shows them to a person.
//
// A mask is a kU8 image of one channel: how much of each pixel was replaced, of 255.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "image/image.h"

namespace gpen::restore {

struct MarkedPlaces {
  int count = 0;     ///< Connected ones, diagonally too.
  double share = 0;  ///< Of all pixels, 0 to 1.
};

/// Of which nothing is marked.
Image EmptyMask(int width, int height);

MarkedPlaces CountPlaces(ImageView mask);

/// PNG of one colour whose alpha is the mask: to be laid over the photo. No side has more than 1024
/// pixels; each shows the most of what it stands for, so that a fine scratch can still be seen.
/// Errors: those of codec::Encode.
Result<std::vector<std::byte>> EncodeMask(ImageView mask);

/// Paints the mask, of the same size, into `photo` (kU8 or kU16): in colour, or black and white in
/// a gray one.
void PaintMask(ImageView mask, MutableImageView photo);

}  // namespace gpen::restore
