// Photo -> bytes of a file, with the metadata that the photo came with.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/photo.h"

namespace gpen::codec {

/// The most pixels a side that a file of this format can have.
int MostSide(Format format);

struct EncodeOptions {
  std::optional<Format> format = {};  ///< The photo's own where not given.
  std::optional<int> quality =
      {};                     ///< 1..100 for lossy formats; that of the source where not given.
  std::string software = {};  ///< EXIF Software and XMP CreatorTool: "GPEN-NAS 0.1.0".
  std::string model = {};     ///< Recorded beside it: "gpen-lite-256 1".
};

/// EXIF, XMP, IPTC, ICC and resolution are kept, orientation becomes 1, the software tag and model
/// name are added. 16 bit stays 16 bit and alpha stays where the format allows it; what it does not
/// allow is converted (JPEG: alpha over white) and said in `warnings`, as are the photo's losses.
///
/// Errors: kInvalidArgument (quality), kUnsupportedFormat (no encoder on this machine),
/// kOutOfMemory.
Result<std::vector<std::byte>> Encode(const Photo& photo, const EncodeOptions& options,
                                      std::vector<std::string>* warnings);

}  // namespace gpen::codec
