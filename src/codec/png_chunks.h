// What becomes of a PNG's chunks that are neither its pixels nor what Metadata has in fields of its
// own: kept as parts, or named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/byte_reader.h"
#include "codec/photo.h"

namespace gpen::codec {

/// How a PNG stores its pixels.
struct PngStorage {
  int color_type = 0;  ///< As IHDR has it.
  int bits = 8;
  Bytes palette;  ///< The content of PLTE.
};

/// Keeps what a result may have of the chunk `type`, or names it in `losses`.
void KeepPngChunk(std::string_view type, Bytes chunk, const PngStorage& storage, Metadata* metadata,
                  std::vector<std::string>* losses);

/// The content of `part` for a PNG of this colour type.
std::vector<std::byte> PngChunkOf(const FormatPart& part, int color_type);

}  // namespace gpen::codec
