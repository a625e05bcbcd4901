// Places in an XMP packet, turned and enlarged with the pixels.
#pragma once

#include <string>

namespace gpen::codec {

/// What became of the stored picture.
struct PictureChange {
  int orientation = 1;     ///< As in EXIF: it was turned upright by it,
  double enlargement = 1;  ///< then enlarged so many times.
  int width = 0;           ///< Pixels now.
  int height = 0;
};

/// Makes what holds places in the stored picture hold those in the changed one: face regions of the
/// Metadata Working Group, of Microsoft, ACDSee and IPTC, with the dimensions that they apply to,
/// EXIF's subject area, and where a panorama lies within the whole round.
void TurnXmpCoordinates(const PictureChange& change, std::string* packet);

}  // namespace gpen::codec
