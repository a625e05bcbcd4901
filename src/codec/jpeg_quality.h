// The quality setting that a JPEG was made with, from its quantisation tables.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace gpen::codec {

/// Divisors in zigzag order, as a DQT segment stores them.
using QuantisationTable = std::array<std::uint16_t, 64>;

/// The setting (1..100) of the widespread IJG scale whose tables are nearest to these: exact for
/// files made with libjpeg, and about the same loss for the tables of cameras and other programs.
int EstimateJpegQuality(const QuantisationTable& luma,
                        const std::optional<QuantisationTable>& chroma);

}  // namespace gpen::codec
