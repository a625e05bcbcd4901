// EXIF blocks: the orientation, and the edits that a restored photo needs.
//
// An edit leaves every byte of the block where it is and appends a new first directory. So
// MakerNotes, which hold absolute offsets that only their camera maker knows, unknown tags and GPS
// data survive byte for byte, which no library that decodes and rewrites the block can promise.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

/// `exif` without the prefix "Exif\0\0" that some files store with it.
Bytes WithoutExifPrefix(Bytes exif);

/// True where the block has a header and a first directory that can be read.
bool IsReadableExif(Bytes exif);

/// The orientation 1..8; 1 where there is none or it is damaged.
int ExifOrientation(Bytes exif);

/// Pixels an inch of the upright picture; 0: not known.
struct Resolution {
  double horizontal = 0;
  double vertical = 0;
};

struct ExifEdit {
  int width = 0;  ///< Of the upright picture.
  int height = 0;
  std::string software;
  int orientation = 1;     ///< Of the stored picture: places are turned upright by it.
  double enlargement = 1;  ///< So many times as large as the stored picture.
  /// Where the block says nothing of it and the format has no other place.
  std::optional<Resolution> resolution = {};
};

/// The block with orientation 1, the software tag and the picture's size, the subject's place
/// turned upright and enlarged, and without the thumbnail, which would show the face as it was. A
/// new block where `exif` is empty or damaged.
std::vector<std::byte> EditExif(Bytes exif, const ExifEdit& edit);

/// The block with orientation 1 and everything else as it is.
std::vector<std::byte> WithOrientationOne(std::vector<std::byte> exif);

}  // namespace gpen::codec
