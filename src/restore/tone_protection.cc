#include "restore/tone_protection.h"

#include <algorithm>

#include "image/resample.h"
#include "restore/tint.h"
#include "restore/yuv.h"

namespace gpen::restore {
namespace {

// As a part of the crop's width. The scale of an eye or a mouth's shadow is left to the network,
// and so are the blotches of JPEG's colour: over less, the photo's colour is further from the truth
// than the network's (training/README.md, "Colour").
constexpr double kSigma = 1.0 / 16;
// JPEG's chroma noise is below it.
constexpr double kLargestTintError = 2.0 / 255;
// Shifts are as smooth as the sigma: so many pixels a side of the crop hold them.
constexpr int kShiftPixels = 128;

// Sums over squares of `step` pixels: of what y, u and v are to change, weighed by the mask, and of
// the weights.
Image SumDifferences(ImageView original, ImageView mask, ImageView restored, int step) {
  const int width = (restored.width() + step - 1) / step;
  const int height = (restored.height() + step - 1) / step;
  Image sums(width, height, 4, SampleType::kF32);
  std::fill_n(sums.Row<float>(0), width * height * 4, 0.0F);
  for (int y = 0; y < restored.height(); ++y) {
    const float* from = original.Row<float>(y);
    const float* to = restored.Row<float>(y);
    const float* face = mask.Row<float>(y);
    float* sum = sums.Row<float>(y / step);
    for (int left = 0; left < restored.width(); left += step, sum += 4) {
      const int right = std::min(left + step, restored.width());
      for (int x = left; x < right; ++x) {
        const float rgb[3] = {from[3 * x] - to[3 * x], from[3 * x + 1] - to[3 * x + 1],
                              from[3 * x + 2] - to[3 * x + 2]};
        const Yuv difference = ToYuv(rgb);
        // A little weight everywhere keeps the quotient defined outside of the face.
        const float weight = face[x] + 1e-2F;
        sum[0] += difference.y * weight;
        sum[1] += difference.u * weight;
        sum[2] += difference.v * weight;
        sum[3] += weight;
      }
    }
  }
  return sums;
}

// By how much y, u and v are shifted, for every pixel; the last squares may reach beyond.
Image ShiftsOf(ImageView sums, int crop_size, int step) {
  const Image blurred = GaussianBlur(sums, kSigma * crop_size / step);
  Image shifts(sums.width(), sums.height(), 3, SampleType::kF32);
  for (int y = 0; y < shifts.height(); ++y) {
    const float* sum = blurred.Row<float>(y);
    float* shift = shifts.Row<float>(y);
    for (int x = 0; x < shifts.width(); ++x, sum += 4, shift += 3) {
      for (int channel = 0; channel < 3; ++channel) shift[channel] = sum[channel] / sum[3];
    }
  }
  if (step == 1) return shifts;
  return Resize(shifts.view(), shifts.width() * step, shifts.height() * step);
}

}  // namespace

void ProtectTone(ImageView original, ImageView mask, const Rect& area, MutableImageView restored) {
  const int crop_size = original.width();
  const int step = std::max(1, crop_size / kShiftPixels);
  const Image sums = SumDifferences(original.Crop(area), mask.Crop(area), restored, step);
  const Image shifts = ShiftsOf(sums.view(), crop_size, step);
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
