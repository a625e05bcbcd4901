#include "restore/tone_protection.h"

#include <algorithm>

#include "image/resample.h"
#include "restore/tint.h"
#include "restore/yuv.h"

namespace gpen::restore {
namespace {

// Sigmas as parts of the crop's width. Brightness is left free at the scale of an eye or a mouth's
// shadow; colour is held more closely, since a restoration has no reason to invent it.
constexpr double kLumaSigma = 1.0 / 16;
constexpr double kChromaSigma = 1.0 / 40;
// JPEG's chroma noise is below it.
constexpr double kLargestTintError = 2.0 / 255;
// Shifts are as smooth as these sigmas: so many pixels a side of the crop hold them.
constexpr int kShiftPixels = 128;

// Sums over squares of `step` pixels: of what luma and chroma are to change, and of the weights by
// which they are multiplied.
struct Sums {
  Image luma;    // Luma, weight.
  Image chroma;  // u, v, weight.
};

Sums SumDifferences(ImageView original, ImageView mask, ImageView restored, int step) {
  const int width = (restored.width() + step - 1) / step;
  const int height = (restored.height() + step - 1) / step;
  Sums sums = {Image(width, height, 2, SampleType::kF32),
               Image(width, height, 3, SampleType::kF32)};
  std::fill_n(sums.luma.Row<float>(0), width * height * 2, 0.0F);
  std::fill_n(sums.chroma.Row<float>(0), width * height * 3, 0.0F);
  for (int y = 0; y < restored.height(); ++y) {
    const float* from = original.Row<float>(y);
    const float* to = restored.Row<float>(y);
    const float* face = mask.Row<float>(y);
    float* luma = sums.luma.Row<float>(y / step);
    float* chroma = sums.chroma.Row<float>(y / step);
    for (int left = 0; left < restored.width(); left += step, luma += 2, chroma += 3) {
      const int right = std::min(left + step, restored.width());
      for (int x = left; x < right; ++x) {
        const float rgb[3] = {from[3 * x] - to[3 * x], from[3 * x + 1] - to[3 * x + 1],
                              from[3 * x + 2] - to[3 * x + 2]};
        const Yuv difference = ToYuv(rgb);
        // A little weight everywhere keeps the quotient defined outside of the face.
        const float weight = face[x] + 1e-2F;
        luma[0] += difference.y * weight;
        luma[1] += weight;
        chroma[0] += difference.u * weight;
        chroma[1] += difference.v * weight;
        chroma[2] += weight;
      }
    }
  }
  return sums;
}

// By how much luma and chroma are shifted, for every pixel; the last squares may reach beyond.
Image ShiftsOf(const Sums& sums, int crop_size, int step) {
  const Image luma = GaussianBlur(sums.luma.view(), kLumaSigma * crop_size / step);
  const Image chroma = GaussianBlur(sums.chroma.view(), kChromaSigma * crop_size / step);
  Image shifts(luma.width(), luma.height(), 3, SampleType::kF32);
  for (int y = 0; y < shifts.height(); ++y) {
    const float* luma_row = luma.Row<float>(y);
    const float* chroma_row = chroma.Row<float>(y);
    float* shift = shifts.Row<float>(y);
    for (int x = 0; x < shifts.width(); ++x, luma_row += 2, chroma_row += 3, shift += 3) {
      shift[0] = luma_row[0] / luma_row[1];
      shift[1] = chroma_row[0] / chroma_row[2];
      shift[2] = chroma_row[1] / chroma_row[2];
    }
  }
  if (step == 1) return shifts;
  return Resize(shifts.view(), shifts.width() * step, shifts.height() * step);
}

}  // namespace

void ProtectTone(ImageView original, ImageView mask, const Rect& area, MutableImageView restored) {
  const int crop_size = original.width();
  const int step = std::max(1, crop_size / kShiftPixels);
  const Image shifts = ShiftsOf(
      SumDifferences(original.Crop(area), mask.Crop(area), restored, step), crop_size, step);
  const auto tint = FindTint(original, kLargestTintError);
  for (int y = 0; y < area.height; ++y) {
    float* pixel = restored.Row<float>(y);
    const float* shift = shifts.Row<float>(y);
    for (int x = 0; x < area.width; ++x, pixel += 3, shift += 3) {
      Yuv p = ToYuv(pixel);
      p.y = std::clamp(p.y + shift[0], 0.0F, 1.0F);
      p.u = tint ? tint->U(p.y) : p.u + shift[1];
      p.v = tint ? tint->V(p.y) : p.v + shift[2];
      ToRgb(p, pixel);
    }
  }
}

}  // namespace gpen::restore
