#include "face/face_models.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/source_folder.h"

namespace gpen::face {
namespace {

// What the network says of the same noise with denormal numbers taken for zero, or computed with.
std::vector<float> WhatItSays(const FaceModelFile& model, bool flush_denormals) {
  nn::SessionOptions options;
  options.flush_denormals = flush_denormals;
  const auto session = nn::Session::Load(SourceFolder() / "models" / "face" / model.file, options);
  EXPECT_TRUE(session) << session.error().message();
  if (!session) return {};
  std::mt19937 random(7);
  std::vector<float> input((*session)->inputs()[0].size());
  for (auto& value : input) {
    value = static_cast<float>(random() % 2001) / 1000 - 1;
  }
  std::vector<float> output((*session)->outputs()[0].size());
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {output};
  EXPECT_TRUE((*session)->Run(inputs, outputs));
  return output;
}

double Length(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * value;
  return std::sqrt(sum);
}

TEST(FaceModels, DenormalNumbersMayBeTakenForZero) {
  // Their weights hold thousands of them.
  for (const auto& model : {kIdentity, kLandmarks}) {
    const auto exact = WhatItSays(model, false);
    auto moved = WhatItSays(model, true);
    ASSERT_EQ(moved.size(), exact.size());
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] -= exact[i];
    EXPECT_GT(Length(exact), 0);
    EXPECT_LT(Length(moved), 1e-6 * Length(exact)) << model.file;
  }
}

}  // namespace
}  // namespace gpen::face
