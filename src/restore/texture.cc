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
  const int count = detail.width() * detail.channels();
  for (int y = 0; y < detail.height(); ++y) {
    float* row = detail.Row<float>(y);
    const float* source = picture.Row<float>(y);
    for (int i = 0; i < count; ++i) row[i] = source[i] - row[i];
  }
  return detail;
}

Image GreenOf(ImageView picture) {
  Image green(picture.width(), picture.height(), 1, SampleType::kF32);
  for (int y = 0; y < green.height(); ++y) {
    const float* from = picture.Row<float>(y) + 1;
    float* to = green.Row<float>(y);
    for (int x = 0; x < green.width(); ++x) to[x] = from[3 * x];
  }
  return green;
}

Image Difference(ImageView a, ImageView b) {
  Image difference(a.width(), a.height(), a.channels(), SampleType::kF32);
  const int count = difference.width() * difference.channels();
  for (int y = 0; y < difference.height(); ++y) {
    const float* first = a.Row<float>(y);
    const float* second = b.Row<float>(y);
    float* to = difference.Row<float>(y);
    for (int i = 0; i < count; ++i) to[i] = first[i] - second[i];
  }
  return difference;
}

// Local means of the squared green detail: of `kept`, and of what `lacking` is lacking to it.
Image EnergiesOf(const Image& kept, const Image& lacking) {
  Image squares(kept.width(), kept.height(), 2, SampleType::kF32);
  for (int y = 0; y < squares.height(); ++y) {
    const float* own = kept.Row<float>(y);
    const float* green = lacking.Row<float>(y) + 1;
    float* to = squares.Row<float>(y);
    for (int x = 0; x < squares.width(); ++x) {
      const float made = own[x] - green[3 * x];
      to[2 * x] = own[x] * own[x];
      to[2 * x + 1] = made * made;
    }
  }
  return GaussianBlur(squares.view(), kEnergySigma);
}

}  // namespace

void KeepTexture(ImageView original, double amount, MutableImageView restored) {
  if (amount <= 0) return;
  const Image kept = DetailOf(GreenOf(original).view());
  // Detail of a difference is the difference of details: one blur rather than two.
  const Image lacking = DetailOf(Difference(original, restored).view());
  const Image energies = EnergiesOf(kept, lacking);
  for (int y = 0; y < restored.height(); ++y) {
    float* pixel = restored.Row<float>(y);
    const float* energy = energies.Row<float>(y);
    const float* more = lacking.Row<float>(y);
    for (int x = 0; x < restored.width(); ++x) {
      // 0 where the original has half the energy or less, 1 where it has as much or more.
      const float ratio = energy[2 * x] / (energy[2 * x + 1] + 1e-7F);
      const float part = static_cast<float>(amount) * std::clamp(2 * ratio - 1, 0.0F, 1.0F);
      for (int c = 0; c < 3; ++c) pixel[3 * x + c] += part * more[3 * x + c];
    }
  }
}

}  // namespace gpen::restore
