// JPEGs of a photo that any browser shows: its colours right, but not the place where it was taken.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "codec/photo.h"

namespace gpen::codec {

/// The whole photo without metadata but its colours'. Errors: those of Encode.
Result<std::vector<std::byte>> EncodeForBrowsers(Photo photo, int quality);

/// The same of the photo, shrunk so that neither side has more than 512 pixels.
Result<std::vector<std::byte>> EncodePreview(const Photo& photo);

}  // namespace gpen::codec
