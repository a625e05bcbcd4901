// "Raw profile type iptc": metadata in hexadecimal digits in a text chunk of a PNG, as ImageMagick
// began it and exiftool and exiv2 know it.
#pragma once

#include <string>
#include <vector>

#include "codec/byte_reader.h"
#include "codec/photo.h"
#include "codec/texts.h"

namespace gpen::codec {

/// Reads what `text` holds into the fields of `metadata` that are empty so far. False where it is
/// no such profile, or none that we know.
bool ReadRawProfile(const PhotoText& text, Metadata* metadata, std::vector<std::string>* losses);

/// The content of the text chunk zTXt for IPTC and Photoshop's resources.
std::vector<std::byte> RawProfileOf(Bytes resources);

}  // namespace gpen::codec
