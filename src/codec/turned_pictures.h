// The further pictures of a JPEG (a gain map, a depth map, a preview), turned as its picture was.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "codec/jpeg_appended.h"

namespace gpen::codec {

struct TurnedPictures {
  std::vector<std::byte> bytes;       ///< In place of AppendedParts::pictures.
  std::vector<AppendedPicture> list;  ///< Where they lie now.
};

/// `appended`: of a photo of `max_pixels` pixels and this orientation. The pictures are encoded
/// again, with what they carry.
///
/// Errors: kCorruptImage where one is damaged or larger than the photo itself.
Result<TurnedPictures> TurnPictures(const AppendedParts& appended, int orientation,
                                    std::int64_t max_pixels);

}  // namespace gpen::codec
