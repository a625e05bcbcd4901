// A picture of before and after side by side, and of what was repaired.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "codec/photo.h"
#include "image/image.h"

namespace gpen::restore {

/// JPEG of `before` (of the kind of `after.pixels`; enlarged where that is larger) left and `after`
/// right, with the photo's profile. Between them, where there is a `mask` (of the size of `before`,
/// see repair_mask.h), `before` with what was repaired marked. All smaller where a JPEG could not
/// hold them otherwise. Errors: those of codec::Encode.
Result<std::vector<std::byte>> EncodeComparison(const codec::Photo& after, Image before,
                                                ImageView mask);

}  // namespace gpen::restore
