// ICC profiles made from the short colour description (CICP) of HEIC and AVIF files.
#pragma once

#include <cstddef>
#include <vector>

#include "codec/photo.h"

namespace gpen::codec {

/// A profile with these primaries and sRGB's curve. Empty for sRGB's own primaries and for what is
/// not stated or not known: such pixels are taken as sRGB.
std::vector<std::byte> ProfileFor(const CodedColors& colors);

/// True for the curves of high dynamic range, PQ and HLG, which no ICC profile of ours describes.
bool IsHighDynamicRange(const CodedColors& colors);

}  // namespace gpen::codec
