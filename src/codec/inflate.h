// What zlib packed, as PNGs have their profiles and texts.
#pragma once

#include <cstddef>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

/// What `packed` holds; nothing where it is damaged or larger than `max_bytes`.
std::vector<std::byte> Inflate(Bytes packed, std::size_t max_bytes);

std::vector<std::byte> Deflate(Bytes plain);

}  // namespace gpen::codec
