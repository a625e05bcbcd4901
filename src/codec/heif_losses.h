// What of a HEIC or AVIF file no result of ours has, beside the auxiliary pictures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

/// For people, each thing once: boxes of other programs, items that are neither pictures nor
/// metadata that we keep, and what the photo's properties say beside its size, colours and turn.
std::vector<std::string> LossesOfHeif(Bytes heif);

/// The item that is made of the photo and a gain map ("tmap", ISO 21496-1), where there is one.
std::optional<std::uint32_t> ToneMapOf(Bytes heif);

}  // namespace gpen::codec
