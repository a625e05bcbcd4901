#include "codec/matrix_shaper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace gpen::codec {
namespace {

float Encode(float x) {
  return x <= 0.0031308F ? 12.92F * x : 1.055F * std::pow(x, 1 / 2.4F) - 0.055F;
}
float Decode(float x) { return x <= 0.04045F ? x / 12.92F : std::pow((x + 0.055F) / 1.055F, 2.4F); }

// A space with a gamma of 2 whose red is mixed with a part of green.
void ToLinear(const float* in, float* out) {
  out[0] = 0.8F * in[0] * in[0] + 0.2F * in[1] * in[1];
  out[1] = in[1] * in[1];
  out[2] = in[2] * in[2];
}
void FromLinear(const float* in, float* out) {
  out[0] = std::sqrt(std::max(0.0F, (in[0] - 0.2F * in[1]) / 0.8F));
  out[1] = std::sqrt(std::max(0.0F, in[1]));
  out[2] = std::sqrt(std::max(0.0F, in[2]));
}

MatrixShaper::Space Mixed() {
  return {3,
          [](const float* in, float* out) {
            ToLinear(in, out);
            for (int c = 0; c < 3; ++c) out[c] = Encode(out[c]);
          },
          [](const float* in, float* out) {
            const float linear[] = {Decode(in[0]), Decode(in[1]), Decode(in[2])};
            FromLinear(linear, out);
          },
          ToLinear, FromLinear};
}

TEST(MatrixShaper, GivesWhatTheTransformsGive) {
  const auto space = Mixed();
  const auto shaper = MatrixShaper::Fit(space);
  ASSERT_TRUE(shaper);
  for (int i = 0; i < 1000; ++i) {
    const float color[] = {static_cast<float>(i % 10) / 9, static_cast<float>(i / 10 % 10) / 9,
                           static_cast<float>(i / 100) / 9};
    float expected[3];
    float found[3];
    space.to_srgb(color, expected);
    shaper->ToSrgb(color, 1, found);
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(found[c], expected[c], 2e-4) << i;
    float back[3];
    shaper->FromSrgb(found, 1, back);
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(back[c], color[c], 1e-3) << i;
  }
}

TEST(MatrixShaper, ColorsOutsideOfSrgbComeBack) {
  const auto shaper = MatrixShaper::Fit(Mixed());
  ASSERT_TRUE(shaper);
  const float srgb[] = {-0.1F, 1.5F, 0.5F};
  float color[3];
  shaper->FromSrgb(srgb, 1, color);
  EXPECT_EQ(color[0], 0);
  EXPECT_NEAR(color[1], 1, 1e-6);
}

TEST(MatrixShaper, GrayIsOneCurve) {
  const MatrixShaper::Space gray = {
      1, [](const float* in, float* out) { std::fill_n(out, 3, Encode(in[0] * in[0])); },
      [](const float* in, float* out) {
        out[0] =
            std::sqrt(0.2126F * Decode(in[0]) + 0.7152F * Decode(in[1]) + 0.0722F * Decode(in[2]));
      },
      [](const float* in, float* out) { std::fill_n(out, 3, in[0] * in[0]); },
      [](const float* in, float* out) {
        out[0] = std::sqrt(0.2126F * in[0] + 0.7152F * in[1] + 0.0722F * in[2]);
      }};
  const auto shaper = MatrixShaper::Fit(gray);
  ASSERT_TRUE(shaper);
  const float half = 0.5F;
  float srgb[3];
  shaper->ToSrgb(&half, 1, srgb);
  for (const float value : srgb) EXPECT_NEAR(value, Encode(0.25F), 2e-4);
  float back = 0;
  shaper->FromSrgb(srgb, 1, &back);
  EXPECT_NEAR(back, 0.5, 1e-3);
}

TEST(MatrixShaper, RefusesWhatIsNoMatrix) {
  auto space = Mixed();
  space.to_srgb = [](const float* in, float* out) {
    ToLinear(in, out);
    out[2] = out[2] * (1 - 0.3F * in[0]);  // A mixture that depends on the colour.
    for (int c = 0; c < 3; ++c) out[c] = Encode(out[c]);
  };
  EXPECT_FALSE(MatrixShaper::Fit(space));
  space = Mixed();
  space.to_linear = [](const float* in, float* out) { std::fill_n(out, 3, in[0]); };
  EXPECT_FALSE(MatrixShaper::Fit(space)) << "its matrix has no inverse";
}

}  // namespace
}  // namespace gpen::codec
