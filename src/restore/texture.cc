#include "restore/texture.h"

#include <algorithm>

#include "image/resample.h"

namespace gpen::restore {
namespace {

constexpr double kDetailSigma = 2.0;  // Pixels of the crop: what is finer counts as texture.
constexpr double kEnergySigma = 6.0;  // Pixels over which detail is compared.

// picture - blur(picture).
Image DetailOf(ImageView picture) {
  Image detail = GaussianBlur(picture, kDetailSigma);
  for (int y = 0; y < detail.height(); ++y) {
    float* row = detail.Row<float>(y);
    const float* source = picture.Row<float>(y);
    for (int i = 0; i < detail.width() * detail.channels(); ++i) row[i] = source[i] - row[i];
  }
  return detail;
}

// Local mean of the squared green detail.
Image EnergyOf(const Image& detail) {
  Image squares(detail.width(), detail.height(), 1, SampleType::kF32);
  for (int y = 0; y < detail.height(); ++y) {
    const float* row = detail.Row<float>(y);
    for (int x = 0; x < detail.width(); ++x) {
      squares.Row<float>(y)[x] = row[3 * x + 1] * row[3 * x + 1];
    }
  }
  return GaussianBlur(squares.view(), kEnergySigma);
}

}  // namespace

void KeepTexture(ImageView original, double amount, MutableImageView restored) {
  if (amount <= 0) return;
  const Image kept = DetailOf(original);
  const Image made = DetailOf(restored);
  const Image kept_energy = EnergyOf(kept);
  const Image made_energy = EnergyOf(made);
  for (int y = 0; y < restored.height(); ++y) {
    float* pixel = restored.Row<float>(y);
    for (int x = 0; x < restored.width(); ++x, pixel += 3) {
      const float own = kept_energy.Row<float>(y)[x];
      const float other = made_energy.Row<float>(y)[x];
      // 0 where the original has half the energy or less, 1 where it has as much or more.
      const float ratio = own / (other + 1e-7F);
      const float part = static_cast<float>(amount) * std::clamp(2 * ratio - 1, 0.0F, 1.0F);
      for (int c = 0; c < 3; ++c) {
        pixel[c] += part * (kept.Row<float>(y)[3 * x + c] - made.Row<float>(y)[3 * x + c]);
      }
    }
  }
}

}  // namespace gpen::restore
