#include "converter/quantizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/file.h"
#include "base/half.h"
#include "converter/checkpoint_testing.h"
#include "converter/gpen_graph.h"
#include "converter/half_weights.h"
#include "converter/model_check.h"
#include "converter/onnx_names.h"
#include "converter/picture_quality.h"
#include "converter/standard_operators.h"
#include "nn/session.h"

namespace gpen::converter {
namespace {

using Floats = std::vector<float>;

OnnxModel SmallNetwork() {
  static const std::string bytes =
      CheckpointBytes(RandomWeights(TestNetwork(32, 1.0 / 32, 1, 1, 32), 5));
  auto checkpoint =
      std::make_shared<const Checkpoint>(*Checkpoint::Open(FromMemory(AsBytes(bytes), "test")));
  return *InStandardOperators(*BuildGpenGraph(checkpoint, *DescribeGpen(*checkpoint), false));
}

std::vector<Floats> RunModel(const OnnxModel& model, const Floats& input) {
  const auto bytes = ModelBytes(model);
  EXPECT_TRUE(bytes) << bytes.error().message();
  const auto session = nn::Session::FromBytes(*bytes, "test", {});
  EXPECT_TRUE(session) << session.error().message();
  std::vector<Floats> outputs;
  for (const auto& info : (*session)->outputs()) outputs.emplace_back(info.size());
  std::vector<std::span<float>> spans(outputs.begin(), outputs.end());
  const std::span<const float> inputs[] = {input};
  EXPECT_TRUE((*session)->Run(inputs, spans));
  return outputs;
}

TEST(Quantizer, StaysCloseToTheFloatModel) {
  const OnnxModel model = SmallNetwork();
  const Floats picture = TestPicture(32, {-1, 1});
  const auto convolutions = QuantizableConvolutions(model);
  // Three encoder convolutions, the decoder's first, one on each of three levels, and four
  // pictures.
  EXPECT_EQ(convolutions.size(), 11U);
  const auto tensors = CalibratedTensors(model, convolutions);
  const auto measured = RunModel(WithRangeOutput(model, tensors), picture);
  std::map<std::string, ValueRange> ranges;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    ranges[tensors[i]] = {measured[1][2 * i], measured[1][2 * i + 1]};
    EXPECT_LT(ranges[tensors[i]].low, ranges[tensors[i]].high);
  }
  const auto quantized = Quantize(model, {convolutions.begin(), convolutions.end()}, ranges);
  ASSERT_TRUE(quantized) << quantized.error().message();
  const auto expected = RunModel(model, picture)[0];
  const auto found = RunModel(*quantized, picture)[0];
  double peak = 0;
  for (const float value : expected) peak = std::max(peak, 2.0 * std::abs(value));
  EXPECT_GT(Psnr(expected, found, peak), 25);
  EXPECT_LT(Psnr(expected, found, peak), 199);  // It is another computation.
  for (const auto& [name, initializer] : quantized->initializers) {
    if (!name.ends_with(".int8")) continue;
    EXPECT_EQ(initializer.type, DataType::kInt8);
  }
}

TEST(Quantizer, NamesAMissingRange) {
  const OnnxModel model = SmallNetwork();
  const auto quantized = Quantize(model, {QuantizableConvolutions(model)[0]}, {});
  ASSERT_FALSE(quantized);
  EXPECT_EQ(quantized.error().code(), ErrorCode::kInvalidArgument);
}

TEST(HalfWeights, HalveTheFileAndKeepThePicture) {
  const OnnxModel model = SmallNetwork();
  OnnxModel half = model;
  StoreWeightsAsHalf(half);
  EXPECT_LT(ModelBytes(half)->size(), ModelBytes(model)->size() * 65 / 100);
  const Floats picture = TestPicture(32, {-1, 1});
  const auto expected = RunModel(model, picture)[0];
  const auto found = RunModel(half, picture)[0];
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(double{expected[i]} - found[i]));
  }
  EXPECT_GT(worst, 0);
  EXPECT_LT(worst, 2e-2);
}

TEST(PictureQuality, KnowsEqualAndNoisyPictures) {
  const Floats picture = TestPicture(32, {0, 1});
  Floats noisy = picture;
  for (std::size_t i = 0; i < noisy.size(); ++i) noisy[i] += i % 2 == 0 ? 0.1F : -0.1F;
  EXPECT_EQ(Psnr(picture, picture, 1), 200);
  EXPECT_NEAR(Psnr(picture, noisy, 1), 20, 0.01);
  EXPECT_NEAR(Ssim(picture, picture, 32, 3, 1), 1, 1e-6);
  EXPECT_LT(Ssim(picture, noisy, 32, 3, 1), 0.9);
}

}  // namespace
}  // namespace gpen::converter
