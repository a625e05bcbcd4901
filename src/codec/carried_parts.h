// What a result takes over of the parts that only its photo's format knows, and what is named
// because it cannot be.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/photo.h"
#include "codec/texts.h"
#include "codec/xmp_packet.h"

namespace gpen::codec {

struct CarriedParts {
  std::vector<FormatPart> parts;
  /// Pieces of the photo's `appended`, which must outlive this, and of `turned`.
  std::vector<std::span<const std::byte>> appended;
  std::vector<std::byte> turned;  ///< The further pictures of a JPEG that was turned.
  /// Their sizes in bytes before and now, for the XMP packet lists them.
  std::vector<NewSize> sizes;
  XmpLosses xmp;                 ///< What the XMP packet must no longer speak of.
  std::vector<PhotoText> texts;  ///< What the XMP packet says in place of another format's texts.
};

/// A warning: `name` is left out of a result in `format`.
std::string LeftOut(std::string_view name, Format format);

/// For a result in `format`. Each part that is left out is a warning.
CarriedParts CarriedPartsOf(const Photo& photo, Format format, std::vector<std::string>* warnings);

}  // namespace gpen::codec
