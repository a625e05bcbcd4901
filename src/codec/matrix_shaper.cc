#include "codec/matrix_shaper.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace gpen::codec {
namespace {

constexpr int kEntries = 2048;
// Colours outside of sRGB reach over its white by this much at most; farther ones are computed.
constexpr float kReach = 1.25F;
constexpr float kSlope = 12.92F;  // Of sRGB's curve near and below black.

float Encode(float linear) {
  return linear <= 0.0031308F ? kSlope * linear : 1.055F * std::pow(linear, 1 / 2.4F) - 0.055F;
}
float Decode(float value) {
  return value <= 0.04045F ? value / kSlope : std::pow((value + 0.055F) / 1.055F, 2.4F);
}

using Matrix = std::array<std::array<float, 3>, 3>;

std::array<float, 3> Times(const Matrix& matrix, const std::array<float, 3>& v) {
  std::array<float, 3> product = {};
  for (std::size_t i = 0; i < 3; ++i) {
    product[i] = matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2];
  }
  return product;
}

std::optional<Matrix> Inverse(const Matrix& m) {
  Matrix inverse = {};
  double determinant = 0;
  const auto minor = [&m](std::size_t row, std::size_t column) {
    const std::size_t r1 = (row + 1) % 3;
    const std::size_t r2 = (row + 2) % 3;
    const std::size_t c1 = (column + 1) % 3;
    const std::size_t c2 = (column + 2) % 3;
    return double{m[r1][c1]} * m[r2][c2] - double{m[r1][c2]} * m[r2][c1];
  };
  for (std::size_t c = 0; c < 3; ++c) determinant += m[0][c] * minor(0, c);
  if (std::abs(determinant) < 1e-6) return std::nullopt;
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 3; ++c) {
      inverse[c][r] = static_cast<float>(minor(r, c) / determinant);
    }
  }
  return inverse;
}

}  // namespace

float MatrixShaper::Curve::At(float x) const {
  const float last = static_cast<float>(values.size() - 1);
  const float position = std::clamp(x * (last / end), 0.0F, last);
  const auto index = std::min(static_cast<std::size_t>(position), values.size() - 2);
  const float part = position - static_cast<float>(index);
  return values[index] + part * (values[index + 1] - values[index]);
}

float MatrixShaper::EncodeSrgb(float linear) {
  static const Curve curve = [] {
    Curve made{std::sqrt(kReach), {}};
    for (int i = 0; i <= kEntries; ++i) {
      const float root = made.end * static_cast<float>(i) / kEntries;
      made.values.push_back(Encode(root * root));
    }
    return made;
  }();
  if (linear <= 0 || linear > kReach) return Encode(linear);
  return curve.At(std::sqrt(linear));
}

float MatrixShaper::DecodeSrgb(float value) {
  static const Curve curve = [] {
    Curve made{kReach, {}};
    for (int i = 0; i <= kEntries; ++i) {
      made.values.push_back(Decode(kReach * static_cast<float>(i) / kEntries));
    }
    return made;
  }();
  if (value <= 0 || value > kReach) return Decode(value);
  return curve.At(value);
}

// Asks the transforms for the matrix and the curves, as if the space had that form.
bool MatrixShaper::Sample(const Space& space) {
  const auto colors = static_cast<std::size_t>(channels_);
  std::array<float, 3> linear = {};
  for (std::size_t c = 0; c < colors; ++c) {
    std::array<float, 3> unit = {};
    unit[c] = 1;
    space.to_linear(unit.data(), linear.data());
    for (std::size_t i = 0; i < 3; ++i) linear_from_photo_[i][c] = linear[i];
  }
  if (channels_ == 1) {
    photo_from_linear_[0] = {0.2126F, 0.7152F, 0.0722F};  // Luminance.
  } else {
    const auto inverse = Inverse(linear_from_photo_);
    if (!inverse) return false;
    photo_from_linear_ = *inverse;
  }
  for (int i = 0; i <= kEntries; ++i) {
    const float x = static_cast<float>(i) / kEntries;
    const std::array<float, 3> gray = {x, x, x};
    space.to_linear(gray.data(), linear.data());
    const auto decoded = Times(photo_from_linear_, linear);
    const std::array<float, 3> square = {x * x, x * x, x * x};
    const auto bright = channels_ == 1 ? square : Times(linear_from_photo_, square);
    std::array<float, 3> encoded = {};
    space.from_linear(bright.data(), encoded.data());
    for (std::size_t c = 0; c < colors; ++c) {
      decode_[c].values.push_back(decoded[c]);
      encode_[c].values.push_back(encoded[c]);
    }
  }
  return true;
}

bool MatrixShaper::Agrees(const Space& space) const {
  constexpr float kTolerance = 0.4F / 255;
  constexpr std::array kLevels = {0.0F, 0.03F, 0.11F, 0.27F, 0.52F, 0.81F, 1.0F};
  const auto near = [](const float* a, const float* b, int count) {
    for (int i = 0; i < count; ++i) {
      // Out of gamut there is no right answer.
      const float expected = std::clamp(a[i], 0.0F, 1.0F);
      if (!(std::abs(expected - std::clamp(b[i], 0.0F, 1.0F)) < kTolerance)) return false;
    }
    return true;
  };
  for (const float r : kLevels) {
    for (const float g : kLevels) {
      for (const float b : kLevels) {
        const std::array<float, 3> color = {r, g, b};
        std::array<float, 3> expected = {};
        std::array<float, 3> found = {};
        space.to_srgb(color.data(), expected.data());
        ToSrgb(color.data(), 1, found.data());
        if (!near(expected.data(), found.data(), 3)) return false;
        std::array<float, 3> back = {};
        FromSrgb(found.data(), 1, back.data());
        if (!near(color.data(), back.data(), channels_)) return false;
        space.from_srgb(color.data(), expected.data());
        FromSrgb(color.data(), 1, found.data());
        if (!near(expected.data(), found.data(), channels_)) return false;
      }
    }
  }
  return true;
}

std::optional<MatrixShaper> MatrixShaper::Fit(const Space& space) {
  MatrixShaper shaper(space.channels);
  if (!shaper.Sample(space) || !shaper.Agrees(space)) return std::nullopt;
  return shaper;
}

void MatrixShaper::ToSrgb(const float* in, int pixels, float* out) const {
  const auto colors = static_cast<std::size_t>(channels_);
  for (int i = 0; i < pixels; ++i, in += colors, out += 3) {
    std::array<float, 3> decoded = {};
    for (std::size_t c = 0; c < colors; ++c) decoded[c] = decode_[c].At(in[c]);
    const auto linear = Times(linear_from_photo_, decoded);
    for (std::size_t c = 0; c < 3; ++c) out[c] = EncodeSrgb(linear[c]);
  }
}

void MatrixShaper::FromSrgb(const float* in, int pixels, float* out) const {
  const auto colors = static_cast<std::size_t>(channels_);
  for (int i = 0; i < pixels; ++i, in += 3, out += colors) {
    const auto linear =
        Times(photo_from_linear_, {DecodeSrgb(in[0]), DecodeSrgb(in[1]), DecodeSrgb(in[2])});
    for (std::size_t c = 0; c < colors; ++c) {
      out[c] = encode_[c].At(std::sqrt(std::max(linear[c], 0.0F)));
    }
  }
}

}  // namespace gpen::codec
