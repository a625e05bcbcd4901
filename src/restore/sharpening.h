// A blurred photo made sharper, as far as its blur is known.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "image/image.h"
#include "restore/photo_network.h"

namespace gpen::restore {

/// `photo` (kU8 or kU16, 1 to 4 channels) without the blur of a deviation of `blur` pixels: see
/// MeasureBlur(). `network`: photo-sharpen. What is wider than it knows is taken away at half the
/// size first. Errors: those of PhotoNetwork::Run.
Result<Image> SharpenPhoto(const PhotoNetwork& network, ImageView photo, double blur, int threads,
                           std::stop_token stop, const PhotoNetwork::Progress& progress);

}  // namespace gpen::restore
