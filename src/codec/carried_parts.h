// What a result takes over of the parts that only its photo's format knows, and what is named
// because it cannot be.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "codec/photo.h"
#include "codec/xmp_packet.h"

namespace gpen::codec {

struct CarriedParts {
  std::vector<FormatPart> parts;
  /// Pieces of the photo's `appended`, which must outlive this.
  std::vector<std::span<const std::byte>> appended;
  XmpLosses xmp;  ///< What the XMP packet must no longer speak of.
};

/// For a result in `format`. Each part that is left out is a warning.
CarriedParts CarriedPartsOf(const Photo& photo, Format format, std::vector<std::string>* warnings);

}  // namespace gpen::codec
