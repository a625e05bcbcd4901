// EXIF blocks out of and into TIFF files, which have the same structure.
//
// MakerNotes hold absolute offsets that only their camera maker knows. Where it can be done, they
// keep their place in the file, so that such offsets stay right; else they are moved as they are.
#pragma once

#include <vector>

#include "codec/byte_reader.h"
#include "codec/tiff_directory.h"

namespace gpen::codec {

/// The EXIF block of a TIFF file: what its first directory says apart from the storage of pixels,
/// with the EXIF and GPS directories. Empty where `tiff` cannot be read.
std::vector<std::byte> ExifFromTiff(Bytes tiff);

/// The classic TIFF file `tiff` of one page with `exif` (may be empty) and `more` entries (XMP,
/// ICC, ...) in its first directory. The storage of pixels stays as it is; other tags of the file
/// are replaced by `exif`'s. Unchanged where `tiff` cannot be read.
std::vector<std::byte> TiffWithEntries(Bytes tiff, Bytes exif, std::vector<NewTiffEntry> more);

/// The block without MakerNote and thumbnail, for containers that limit its size.
std::vector<std::byte> WithoutMakerNote(Bytes exif);

}  // namespace gpen::codec
