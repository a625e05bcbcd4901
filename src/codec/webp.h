// Pixels -> a WebP file without metadata, through libwebp.
//
// Called directly because libvips 8.14 cannot ask for `exact`: its lossless files lose the colours
// of transparent pixels.
#pragma once

#include <vector>

#include "base/result.h"
#include "image/image.h"

namespace gpen::codec {

struct WebpEncoding {
  int quality = 90;  ///< 1..100; of a lossy file.
  bool lossless = false;
};

/// `pixels`: kU8, any of Photo's channel counts, at most 16383 pixels a side.
///
/// Errors: kOutOfMemory, kInternal. Throws std::bad_alloc.
Result<std::vector<std::byte>> EncodeWebp(ImageView pixels, const WebpEncoding& encoding);

}  // namespace gpen::codec
