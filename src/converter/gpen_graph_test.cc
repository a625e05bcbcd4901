#include "converter/gpen_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "converter/onnx_names.h"
#include "converter/slow_gpen_testing.h"
#include "nn/session.h"

namespace gpen::converter {
namespace {

constexpr float kTolerance = 1e-4F;

struct Case {
  const char* name;
  int size;
  double narrow;
  double multiplier;
  int unshuffle;
};

// With our kernels, and by the model's functions.
constexpr bool kBothWays[] = {true, false};

std::shared_ptr<const Checkpoint> CheckpointOf(const std::string& bytes) {
  auto checkpoint = Checkpoint::Open(FromMemory(AsBytes(bytes), "test.pth"));
  EXPECT_TRUE(checkpoint) << checkpoint.error().message();
  return std::make_shared<const Checkpoint>(*std::move(checkpoint));
}

std::vector<float> RunModel(const OnnxModel& model, const std::vector<float>& input,
                            bool own_kernels) {
  const auto bytes = ModelBytes(model);
  EXPECT_TRUE(bytes) << bytes.error().message();
  const auto session =
      nn::Session::FromBytes(*bytes, "test", {.threads = 2, .own_kernels = own_kernels});
  EXPECT_TRUE(session) << session.error().message();
  std::vector<float> output(input.size());
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {output};
  const auto ran = (*session)->Run(inputs, outputs);
  EXPECT_TRUE(ran) << ran.error().message();
  return output;
}

class EveryNetwork : public ::testing::TestWithParam<Case> {};

TEST_P(EveryNetwork, EqualsThePlainNetwork) {
  const Case& test = GetParam();
  const GpenDescription network =
      TestNetwork(test.size, test.narrow, test.multiplier, test.unshuffle, 48);
  const TestTensors tensors = RandomWeights(network, 7);
  const std::string bytes = CheckpointBytes(tensors);
  const auto checkpoint = CheckpointOf(bytes);
  const auto description = DescribeGpen(*checkpoint);
  ASSERT_TRUE(description) << description.error().message();
  EXPECT_EQ(description->image_size, test.size);
  EXPECT_EQ(description->channels, network.channels);

  Planes input(3, test.size);
  for (std::size_t i = 0; i < input.values.size(); ++i)
    input.values[i] = std::sin(0.37 * static_cast<double>(i));
  const Planes expected = SlowGpen(network, tensors).Run(input);
  const bool residual = test.unshuffle > 1;
  const auto model = BuildGpenGraph(checkpoint, *description, residual);
  ASSERT_TRUE(model) << model.error().message();
  for (const bool own_kernels : kBothWays) {
    SCOPED_TRACE(own_kernels);
    const auto output = RunModel(*model, {input.values.begin(), input.values.end()}, own_kernels);
    double worst = 0;
    double largest = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
      const double value = expected.values[i] + (residual ? input.values[i] : 0.0);
      worst = std::max(worst, std::abs(output[i] - value));
      largest = std::max(largest, std::abs(value));
    }
    EXPECT_LT(worst, kTolerance);
    EXPECT_GT(largest, 0.5);  // The comparison is not one of zeros.
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, EveryNetwork,
                         ::testing::Values(Case{"Size16", 16, 1.0 / 16, 1, 1},
                                           Case{"Size64", 64, 1.0 / 32, 2, 1},
                                           Case{"OddChannels", 32, 5.0 / 512, 1, 1},
                                           Case{"ManyBlocks", 32, 72.0 / 512, 1, 1},
                                           Case{"Unshuffle2", 32, 1.0 / 32, 1, 2},
                                           Case{"Unshuffle4", 32, 1.0 / 64, 1, 4},
                                           Case{"Wide64", 64, 1.0 / 16, 1, 1},
                                           Case{"Size128", 128, 1.0 / 32, 1, 1}),
                         [](const auto& test) { return test.param.name; });

// The blur is turned where the reference implementation turns it: shown by a lopsided kernel.
TEST(GpenGraph, TurnsLopsidedBlurKernels) {
  const GpenDescription network = TestNetwork(16, 1.0 / 64, 1, 1, 16);
  TestTensors tensors = RandomWeights(network, 3);
  for (auto& [name, tensor] : tensors) {
    if (!name.ends_with("kernel")) continue;
    for (std::size_t i = 0; i < 16; ++i) tensor.values[i] = static_cast<float>(i) / 60.0F;
  }
  const std::string bytes = CheckpointBytes(tensors);
  const auto checkpoint = CheckpointOf(bytes);
  const auto description = DescribeGpen(*checkpoint);
  ASSERT_TRUE(description);
  Planes input(3, 16);
  for (std::size_t i = 0; i < input.values.size(); ++i)
    input.values[i] = std::cos(static_cast<double>(i));
  const Planes expected = SlowGpen(network, tensors).Run(input);
  const auto model = BuildGpenGraph(checkpoint, *description, false);
  ASSERT_TRUE(model);
  for (const bool own_kernels : kBothWays) {
    const auto output = RunModel(*model, {input.values.begin(), input.values.end()}, own_kernels);
    for (std::size_t i = 0; i < output.size(); ++i)
      ASSERT_NEAR(output[i], expected.values[i], kTolerance);
  }
}

TEST(GpenGraph, ReportsDamagedWeightsWhenWritten) {
  const GpenDescription network = TestNetwork(16, 1.0 / 64, 1, 1, 16);
  TestTensors tensors = RandomWeights(network, 3);
  tensors["generator.convs.0.conv.weight"].values[5] = std::nanf("");
  const std::string bytes = CheckpointBytes(tensors);
  const auto checkpoint = CheckpointOf(bytes);
  const auto description = DescribeGpen(*checkpoint);
  const auto model = BuildGpenGraph(checkpoint, *description, false);
  ASSERT_TRUE(model);
  const auto written = ModelBytes(*model);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message().find("generator.convs.0.conv.weight"), std::string::npos);
}

}  // namespace
}  // namespace gpen::converter
