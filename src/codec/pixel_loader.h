// Pixels of JPEG, PNG, WebP and TIFF through libvips, streamed upright into an Image.
#pragma once

#include "base/result.h"
#include "codec/header.h"
#include "image/image.h"

namespace gpen::codec {

/// What a decoder may meet without giving up.
enum class Tolerance : std::uint8_t {
  kNothing,      ///< Not even what it can go on from: bad codes, blocks that are missing.
  kDamage,       ///< That, but not the file's end before the picture's.
  kMissingPart,  ///< Anything; what is missing is gray.
};

/// Decodes `bytes`, whose header was read and found within the limits. Throws std::bad_alloc.
///
/// Errors: kCorruptImage, kUnsupportedFormat.
Result<Image> LoadPixels(Bytes bytes, const Header& header, Tolerance tolerance);

}  // namespace gpen::codec
