// Places in an XMP packet, turned with the pixels.
#pragma once

#include <string>

namespace gpen::codec {

/// Turns what holds places in the stored picture upright: face regions of the Metadata Working
/// Group, of Microsoft, ACDSee and IPTC, with the dimensions that they apply to, and EXIF's subject
/// area. `orientation` as in EXIF; `width` and `height` are the upright picture's.
void TurnXmpCoordinates(int orientation, int width, int height, std::string* packet);

}  // namespace gpen::codec
