#include "restore/tone_protection.h"

#include <algorithm>

#include "image/resample.h"
#include "restore/tint.h"
#include "restore/yuv.h"

namespace gpen::restore {
namespace {

// Sigmas as parts of the picture's width. Brightness is left free at the scale of an eye or a
// mouth's shadow; colour is held more closely, since a restoration has no reason to invent it.
constexpr double kLumaSigma = 1.0 / 16;
constexpr double kChromaSigma = 1.0 / 40;
// JPEG's chroma noise is below it.
constexpr double kLargestTintError = 2.0 / 255;

// Weighted blur: blur(difference * mask) / blur(mask).
Image MaskedBlur(const Image& weighted, const Image& mask, double sigma) {
  Image blurred = GaussianBlur(weighted.view(), sigma);
  const Image weight = GaussianBlur(mask.view(), sigma);
  for (int y = 0; y < blurred.height(); ++y) {
    float* row = blurred.Row<float>(y);
    const float* w = weight.Row<float>(y);
    for (int x = 0; x < blurred.width(); ++x) {
      for (int c = 0; c < blurred.channels(); ++c) {
        row[x * blurred.channels() + c] /= std::max(w[x], 1e-3F);
      }
    }
  }
  return blurred;
}

}  // namespace

void ProtectTone(ImageView original, ImageView mask, MutableImageView restored) {
  const int width = restored.width();
  const int height = restored.height();
  // A little weight everywhere keeps the quotient defined outside of the face.
  Image weight(width, height, 1, SampleType::kF32);
  Image luma(width, height, 1, SampleType::kF32);
  Image chroma(width, height, 2, SampleType::kF32);
  for (int y = 0; y < height; ++y) {
    const float* from = original.Row<float>(y);
    const float* to = restored.Row<float>(y);
    const float* face = mask.Row<float>(y);
    for (int x = 0; x < width; ++x) {
      const Yuv a = ToYuv(from + 3 * x);
      const Yuv b = ToYuv(to + 3 * x);
      const float w = face[x] + 1e-2F;
      weight.Row<float>(y)[x] = w;
      luma.Row<float>(y)[x] = (a.y - b.y) * w;
      chroma.Row<float>(y)[2 * x] = (a.u - b.u) * w;
      chroma.Row<float>(y)[2 * x + 1] = (a.v - b.v) * w;
    }
  }
  const Image luma_shift = MaskedBlur(luma, weight, kLumaSigma * width);
  const Image chroma_shift = MaskedBlur(chroma, weight, kChromaSigma * width);
  const auto tint = FindTint(original, kLargestTintError);
  for (int y = 0; y < height; ++y) {
    float* pixel = restored.Row<float>(y);
    for (int x = 0; x < width; ++x, pixel += 3) {
      Yuv p = ToYuv(pixel);
      p.y = std::clamp(p.y + luma_shift.Row<float>(y)[x], 0.0F, 1.0F);
      p.u = tint ? tint->U(p.y) : p.u + chroma_shift.Row<float>(y)[2 * x];
      p.v = tint ? tint->V(p.y) : p.v + chroma_shift.Row<float>(y)[2 * x + 1];
      ToRgb(p, pixel);
    }
  }
}

}  // namespace gpen::restore
