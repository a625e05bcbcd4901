// ICC profiles made from the short colour description (CICP) of HEIC and AVIF files.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "codec/photo.h"

namespace gpen::codec {

/// A profile with these primaries and sRGB's curve; for PQ and HLG with one that shows them on an
/// ordinary screen, for faces to be seen by, not to be embedded. Empty for sRGB's own primaries and
/// for what is not stated or not known: such pixels are taken as sRGB.
std::vector<std::byte> ProfileFor(const CodedColors& colors);

/// A profile with this gamma (2.2) and these places of white, red, green and blue, each x and y;
/// those of sRGB where not given. Empty where that is sRGB, or no colours at all.
std::vector<std::byte> ProfileFor(double gamma,
                                  const std::optional<std::array<double, 8>>& chromaticities);

/// The same for gray pictures.
std::vector<std::byte> GrayProfile(double gamma);

/// True for the curves of high dynamic range, PQ and HLG.
bool IsHighDynamicRange(const CodedColors& colors);

}  // namespace gpen::codec
