// EXIF blocks: the orientation, the edits that a restored photo needs, and TIFF <-> EXIF.
//
// An edit leaves every byte of the block where it is and appends a new first directory. So
// MakerNotes, which hold absolute offsets that only their camera maker knows, unknown tags and GPS
// data survive byte for byte, which no library that decodes and rewrites the block can promise.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codec/byte_reader.h"
#include "codec/tiff_directory.h"

namespace gpen::codec {

/// `exif` without the prefix "Exif\0\0" that some files store with it.
Bytes WithoutExifPrefix(Bytes exif);

/// True where the block has a header and a first directory that can be read.
bool IsReadableExif(Bytes exif);

/// The orientation 1..8; 1 where there is none or it is damaged.
int ExifOrientation(Bytes exif);

struct ExifEdit {
  int width = 0;  ///< Of the upright picture.
  int height = 0;
  std::string software;
};

/// The block with orientation 1, the software tag and the picture's size, and without the
/// thumbnail, which would show the face as it was. A new block where `exif` is empty or damaged.
std::vector<std::byte> EditExif(Bytes exif, const ExifEdit& edit);

/// The block without its MakerNote, for containers that limit its size.
std::vector<std::byte> WithoutMakerNote(Bytes exif);

/// The EXIF block of a TIFF file: what its first directory says apart from the storage of pixels,
/// with the EXIF and GPS directories. Empty where `tiff` cannot be read.
std::vector<std::byte> ExifFromTiff(Bytes tiff);

/// Puts `exif` and `more` entries (XMP, ICC, ...) into the first directory of the classic TIFF file
/// `tiff`. The storage of pixels stays as it is; other tags of the file are replaced by `exif`'s.
/// False where `tiff` cannot be read; it is then unchanged.
bool PutExifIntoTiff(Bytes exif, std::vector<NewTiffEntry> more, std::vector<std::byte>* tiff);

}  // namespace gpen::codec
