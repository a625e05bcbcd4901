#include "restore/tone_protection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "image/resample.h"

namespace gpen::restore {
namespace {

// Sigmas as parts of the picture's width. Brightness is left free at the scale of an eye or a
// mouth's shadow; colour is held more closely, since a restoration has no reason to invent it.
constexpr double kLumaSigma = 1.0 / 16;
constexpr double kChromaSigma = 1.0 / 40;

// Luma and chroma differences: y = Rec. 601 luma, u = b - y, v = r - y.
struct Yuv {
  float y;
  float u;
  float v;
};

Yuv ToYuv(const float* rgb) {
  const float y = 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2];
  return {y, rgb[2] - y, rgb[0] - y};
}

void ToRgb(const Yuv& yuv, float* rgb) {
  rgb[0] = yuv.y + yuv.v;
  rgb[2] = yuv.y + yuv.u;
  rgb[1] = yuv.y - (0.299F * yuv.v + 0.114F * yuv.u) / 0.587F;
}

// Chroma as a quadratic of luma, as toning gives it.
struct Tint {
  std::array<double, 3> u;
  std::array<double, 3> v;

  float U(float y) const { return static_cast<float>(u[0] + (u[1] + u[2] * y) * y); }
  float V(float y) const { return static_cast<float>(v[0] + (v[1] + v[2] * y) * y); }
};

// Solves the symmetric 3x3 system a * x = b by Cramer's rule; nothing where it is singular.
std::optional<std::array<double, 3>> Solve(const double (&a)[3][3],
                                           const std::array<double, 3>& b) {
  const auto det = [](double m00, double m01, double m02, double m10, double m11, double m12,
                      double m20, double m21, double m22) {
    return m00 * (m11 * m22 - m12 * m21) - m01 * (m10 * m22 - m12 * m20) +
           m02 * (m10 * m21 - m11 * m20);
  };
  const double d =
      det(a[0][0], a[0][1], a[0][2], a[1][0], a[1][1], a[1][2], a[2][0], a[2][1], a[2][2]);
  if (std::fabs(d) < 1e-12) return std::nullopt;
  return std::array{
      det(b[0], a[0][1], a[0][2], b[1], a[1][1], a[1][2], b[2], a[2][1], a[2][2]) / d,
      det(a[0][0], b[0], a[0][2], a[1][0], b[1], a[1][2], a[2][0], b[2], a[2][2]) / d,
      det(a[0][0], a[0][1], b[0], a[1][0], a[1][1], b[1], a[2][0], a[2][1], b[2]) / d};
}

// The tint of a monochrome picture; nothing where the picture has colours.
std::optional<Tint> FindTint(ImageView picture) {
  constexpr double kLargestMeanError = 2.0 / 255;  // JPEG's chroma noise is below it.
  double moment[5] = {};
  std::array<double, 3> u = {};
  std::array<double, 3> v = {};
  double square_sum = 0;
  double n = 0;
  for (int row = 0; row < picture.height(); ++row) {
    const float* pixel = picture.Row<float>(row);
    for (int x = 0; x < picture.width(); ++x, pixel += 3) {
      const Yuv p = ToYuv(pixel);
      double power = 1;
      for (int k = 0; k < 5; ++k, power *= p.y) {
        moment[k] += power;
        if (k < 3) {
          u[static_cast<std::size_t>(k)] += power * p.u;
          v[static_cast<std::size_t>(k)] += power * p.v;
        }
      }
      square_sum += p.u * p.u + p.v * p.v;
      n += 1;
    }
  }
  if (square_sum / n < 1e-9) return Tint{};  // Gray.
  double a[3][3];
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) a[i][j] = moment[i + j];
    a[i][i] += 1e-4 * n;  // A flat picture does not define the curve; keep it small.
  }
  const auto fit_u = Solve(a, u);
  const auto fit_v = Solve(a, v);
  if (!fit_u || !fit_v) return std::nullopt;
  const Tint tint = {*fit_u, *fit_v};
  double error = 0;
  for (int row = 0; row < picture.height(); ++row) {
    const float* pixel = picture.Row<float>(row);
    for (int x = 0; x < picture.width(); ++x, pixel += 3) {
      const Yuv p = ToYuv(pixel);
      error += std::fabs(p.u - tint.U(p.y)) + std::fabs(p.v - tint.V(p.y));
    }
  }
  if (error / (2 * n) > kLargestMeanError) return std::nullopt;
  return tint;
}

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
  const auto tint = FindTint(original);
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
