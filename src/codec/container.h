// Puts metadata into files that were encoded without any: JPEG, PNG, WebP and TIFF.
//
// One way for all four, by splicing the containers ourselves: the blobs go in exactly as given.
// libvips would rewrite EXIF through libexif (which loses MakerNotes and unknown tags) and has no
// EXIF in TIFF at all; exiv2 writes no HEIC or AVIF, re-encodes MakerNotes and is under the GPL.
#pragma once

#include <string>
#include <vector>

#include "codec/byte_reader.h"
#include "codec/photo.h"

namespace gpen::codec {

/// Writes `metadata` into `file`, which libvips made with strip set, with the parts of this format.
/// What the container cannot hold is left out and said in `warnings`. Metadata::appended is for the
/// caller to append; the places in a JPEG's list of further pictures are those that this gives
/// them.
std::vector<std::byte> JpegWithMetadata(Bytes file, const Metadata& metadata,
                                        std::vector<std::string>* warnings);
std::vector<std::byte> PngWithMetadata(Bytes file, const Metadata& metadata);
std::vector<std::byte> WebpWithMetadata(Bytes file, const Metadata& metadata);
std::vector<std::byte> TiffWithMetadata(Bytes file, const Metadata& metadata);

}  // namespace gpen::codec
