#include "face/alignment.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace gpen::face {
namespace {

TEST(EstimateSimilarity, RecoversTheMap) {
  const Affine map = Translation({40, -7}) * RotationAndScale(-25, 3.3);
  const auto from = TemplatePoints(nn::FaceTemplate::kFfhq, 256);
  FivePoints to;
  for (std::size_t i = 0; i < 5; ++i) to[i] = map(from[i]);
  const Affine found = EstimateSimilarity(from, to);
  EXPECT_NEAR(found.xx, map.xx, 1e-9);
  EXPECT_NEAR(found.yx, map.yx, 1e-9);
  EXPECT_NEAR(found.x0, map.x0, 1e-7);
  EXPECT_NEAR(found.y0, map.y0, 1e-7);
  EXPECT_NEAR(found.xx, found.yy, 1e-12);
  EXPECT_NEAR(found.xy, -found.yx, 1e-12);
}

// No similarity near the found one fits noisy points better.
TEST(EstimateSimilarity, IsTheLeastSquaresSolution) {
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, 5);
  const auto from = TemplatePoints(nn::FaceTemplate::kGpen, 512);
  FivePoints to;
  for (std::size_t i = 0; i < 5; ++i) to[i] = from[i] * 0.7 + Point{noise(random), noise(random)};
  const auto error = [&](const Affine& map) {
    double sum = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      const double distance = Length(map(from[i]) - to[i]);
      sum += distance * distance;
    }
    return sum;
  };
  const Affine best = EstimateSimilarity(from, to);
  for (int trial = 0; trial < 200; ++trial) {
    const double s = 1 + noise(random) * 1e-3;
    const Affine other = Translation({noise(random) * 0.1, noise(random) * 0.1}) * best *
                         RotationAndScale(noise(random) * 0.05, s);
    EXPECT_LE(error(best), error(other));
  }
}

TEST(TemplatePoints, ScaleWithTheInput) {
  const auto large = TemplatePoints(nn::FaceTemplate::kFfhq, 512);
  const auto small = TemplatePoints(nn::FaceTemplate::kFfhq, 128);
  EXPECT_NEAR(large[2].x, 4 * small[2].x, 1e-9);
  // The templates differ in size: taking one for the other shows.
  const auto gpen = TemplatePoints(nn::FaceTemplate::kGpen, 512);
  EXPECT_GT(Length(large[1] - large[0]) / Length(gpen[1] - gpen[0]), 1.15);
}

}  // namespace
}  // namespace gpen::face
