// The references between the items of a HEIF file, checked before libheif follows them.
//
// libheif 1.15 decodes the tiles of a grid without asking whether a grid is its own tile: such a
// file starts threads until memory is gone.
#pragma once

#include "codec/byte_reader.h"

namespace gpen::codec {

/// True where no picture is made of itself, and derived pictures (grids, overlays, alpha) are not
/// nested deeper than real files need. True, too, for bytes without such references.
bool HasSaneReferences(Bytes heif);

}  // namespace gpen::codec
