// Pixels of JPEG, PNG, WebP and TIFF through libvips, streamed upright into an Image.
#pragma once

#include "base/result.h"
#include "codec/header.h"
#include "image/image.h"

namespace gpen::codec {

/// Decodes `bytes`, whose header was read and found within the limits. Throws std::bad_alloc.
///
/// Errors: kCorruptImage, kUnsupportedFormat.
Result<Image> LoadPixels(Bytes bytes, const Header& header);

}  // namespace gpen::codec
