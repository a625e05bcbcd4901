#include "codec/jpeg_quality.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpen::codec {
namespace {

// ITU-T T.81 annex K, tables K.1 and K.2, in zigzag order.
constexpr QuantisationTable kLuma = {16,  11, 12, 14,  12,  10,  16,  14,  13, 14,  18,  17,  16,
                                     19,  24, 40, 26,  24,  22,  22,  24,  49, 35,  37,  29,  40,
                                     58,  51, 61, 60,  57,  51,  56,  55,  64, 72,  92,  78,  64,
                                     68,  87, 69, 55,  56,  80,  109, 81,  87, 95,  98,  103, 104,
                                     103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};
constexpr QuantisationTable kChroma = {
    17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

int ScaledDivisor(int standard, int quality) {
  const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return std::clamp((standard * percent + 50) / 100, 1, 255);
}

/// How far `table` is from the standard one at `quality`: ratios count, as quantisation error does.
double Distance(const QuantisationTable& table, const QuantisationTable& standard, int quality) {
  double sum = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double found = std::max<int>(table[i], 1);
    sum += std::abs(std::log(found / ScaledDivisor(standard[i], quality)));
  }
  return sum;
}

}  // namespace

int EstimateJpegQuality(const QuantisationTable& luma,
                        const std::optional<QuantisationTable>& chroma) {
  int best = 100;
  double best_distance = std::numeric_limits<double>::infinity();
  for (int quality = 100; quality >= 1; --quality) {
    double distance = Distance(luma, kLuma, quality);
    if (chroma) distance += Distance(*chroma, kChroma, quality);
    if (distance < best_distance) {
      best = quality;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace gpen::codec
