// The references between the items of a HEIF file, checked and mended before libheif follows them.
//
// libheif 1.15 decodes the tiles of a grid without asking whether a grid is its own tile: such a
// file starts threads until memory is gone.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

/// True where no picture is made of itself, and derived pictures (grids, overlays, alpha) are not
/// nested deeper than real files need. True, too, for bytes without such references.
bool HasSaneReferences(Bytes heif);

/// The pixels of the photo and of all pictures that it is made of or that belong to it; one that is
/// used twice counts twice, as it takes time twice. Needs HasSaneReferences().
std::uint64_t PixelsToDecode(Bytes heif);

/// The file with references that every libheif reads; empty where `heif` has no others.
///
/// iOS 18 lets an auxiliary picture (a gain map, a depth map) and metadata refer to the photo and
/// to its tone-mapped form at once, as the standard allows. libheif before 1.18 takes that for
/// damage. In the returned file they refer to the photo alone; everything else, pixels too, is as
/// it was.
std::vector<std::byte> WithSingleReferences(Bytes heif);

}  // namespace gpen::codec
