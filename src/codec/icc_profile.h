// ICC profiles made from the short colour description (CICP) of HEIC and AVIF files.
#pragma once

#include <cstddef>
#include <vector>

namespace gpen::codec {

/// Colour primaries and transfer curve by their numbers in ITU-T H.273.
struct CodedColors {
  int primaries = 2;  ///< 2: not stated.
  int transfer = 2;
};

/// A profile with these primaries and sRGB's curve. Empty for sRGB's own primaries and for what is
/// not stated or not known: such pixels are taken as sRGB.
std::vector<std::byte> ProfileFor(const CodedColors& colors);

/// True for the curves of high dynamic range, PQ and HLG, which no ICC profile of ours describes.
bool IsHighDynamicRange(const CodedColors& colors);

}  // namespace gpen::codec
