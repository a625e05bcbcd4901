// What zlib packs and unpacks, with a limit: texts and profiles in PNGs, bodies of messages.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"

namespace gpen {

enum class Packing : std::uint8_t { kZlib, kZlibOrGzip };

/// What `packed` holds. Errors: kInvalidArgument (damaged, or more than `most_bytes`),
/// kOutOfMemory.
Result<std::vector<std::byte>> Inflate(std::span<const std::byte> packed, std::size_t most_bytes,
                                       Packing packing = Packing::kZlib);

/// In the format of zlib, as small as it can.
std::vector<std::byte> Deflate(std::span<const std::byte> plain);

}  // namespace gpen
