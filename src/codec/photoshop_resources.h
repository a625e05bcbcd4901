// Photoshop's image resources, as a JPEG has them in its APP13 segments and a TIFF in a tag.
#pragma once

#include <string>
#include <vector>

#include "codec/byte_reader.h"
#include "codec/photo.h"

namespace gpen::codec {

/// Takes them apart: IPTC (where `metadata` has none yet), and the others as parts "8BIM" that both
/// formats hold. Thumbnails are left out, for they would show the face as it was; what cannot be
/// read is named in `losses`.
void ReadPhotoshopResources(Bytes resources, Metadata* metadata, std::vector<std::string>* losses);

/// The resources among `parts`, one after the other.
std::vector<std::byte> ResourcesIn(const std::vector<FormatPart>& parts);

/// IPTC as a resource; empty where there is none.
std::vector<std::byte> ResourceOfIptc(Bytes iptc);

}  // namespace gpen::codec
