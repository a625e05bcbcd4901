// What a smooth fill lacks, taken from beside it: grain, texture, and edges that go on.
//
// For each small block of what is filled the place near by is sought that is most like what is
// about the block. Where the two match, what is there is copied, with the difference of the two,
// filled smoothly, added (as a healing brush does); where they do not, its grain alone.
//
// training/gpen_training/fill_texture.py does the same.
#pragma once

#include <cstdint>
#include <vector>

#include "image/image.h"
#include "restore/fill_level.h"

namespace gpen::restore {

/// `known`: what is known; `filled`: the same with the rest filled smoothly; `wanted`: which of
/// their pixels get texture, of those within `area`, whose corner decides how blocks lie (and a few
/// pixels farther). Blocks to which nothing near by corresponds stay as they are.
void AddTexture(const FillLevel& known, const std::vector<std::uint8_t>& wanted, const Rect& area,
                FillLevel* filled);

}  // namespace gpen::restore
