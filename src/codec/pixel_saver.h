// Pixels -> JPEG, PNG and TIFF files without metadata, through libvips.
#pragma once

#include <vector>

#include "base/result.h"
#include "codec/photo.h"

namespace gpen::codec {

struct PixelEncoding {
  Format format = Format::kJpeg;
  int quality = 90;
  enum class Chroma : std::uint8_t { kByQuality, kSubsampled, kFull } chroma = Chroma::kByQuality;
};

/// `pixels`: any of Photo's channel counts and types that the format holds (JPEG: 8 bit, no alpha).
///
/// Errors: kOutOfMemory, kInternal.
Result<std::vector<std::byte>> SavePixels(ImageView pixels, const PixelEncoding& encoding);

}  // namespace gpen::codec
