// Gives a PNG that was cut short the form of a whole one, so that what is there of it can be
// decoded.
#pragma once

#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

/// The chunks of `png` that are whole, what there is of the pixel data in the one that is not, and
/// an end mark. Empty where nothing is missing.
std::vector<std::byte> WithWholeChunks(Bytes png);

}  // namespace gpen::codec
