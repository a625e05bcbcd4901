// Limits on what is decoded, checked before any pixel is allocated.
#pragma once

#include <cstdint>

namespace gpen::codec {

struct Limits {
  std::int64_t max_file_bytes = std::int64_t{512} << 20;
  std::int64_t max_pixels = 120'000'000;
  /// Estimated peak memory of decoding and holding the photo. 0: not limited.
  std::int64_t max_memory_bytes = std::int64_t{2} << 30;
};

}  // namespace gpen::codec
