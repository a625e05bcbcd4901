// A picture of before and after side by side.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "codec/photo.h"
#include "image/image.h"

namespace gpen::restore {

/// JPEG of `before` (of the kind of `after.pixels`; enlarged where that is larger) left and `after`
/// right, with the photo's profile. Errors: those of codec::Encode.
Result<std::vector<std::byte>> EncodeComparison(const codec::Photo& after, Image before);

}  // namespace gpen::restore
