// What follows the picture of a JPEG: further pictures (a gain map, a depth map, a preview) and the
// clip of a motion photo, and the segment (CIPA DC-007, "MPF") that says where the pictures lie.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

/// A further picture: where it lies behind the first one's end.
struct AppendedPicture {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  bool operator==(const AppendedPicture&) const = default;
};

struct AppendedParts {
  std::vector<AppendedPicture> list;
  Bytes
      pictures;  ///< JPEGs that follow the first one, with zeros between them where there are any.
  Bytes rest;    ///< The clip, and what cameras put behind it.
};

/// `appended`: all that follows a JPEG's picture.
AppendedParts TakeApart(Bytes appended);

/// The content of an MPF segment, which lies at `segment_at` of a file whose picture ends at
/// `picture_end`, with the places of the further pictures counted from that end.
std::vector<std::byte> PlacesFromPictureEnd(Bytes mpf, std::uint64_t segment_at,
                                            std::uint64_t picture_end);

/// The reverse, for a file that is written: sets the places in the MPF segment whose content is the
/// `length` bytes at `segment_at` of `file`, and the size of its picture, which ends with `file`.
void SetPlacesInFile(std::uint64_t segment_at, std::uint64_t length, std::vector<std::byte>* file);

/// Where the pictures of the list `before` lie elsewhere now: sets their sizes and places in `mpf`,
/// the content of an MPF segment with places from the picture's end. False where it lists another.
bool MovePictures(const std::vector<AppendedPicture>& before,
                  const std::vector<AppendedPicture>& after, std::vector<std::byte>* mpf);

}  // namespace gpen::codec
