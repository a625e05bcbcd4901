#include "model/gpen_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "model/onnx_writer.h"
#include "model/slow_gpen.h"
#include "nn/session.h"

namespace gpen::model {
namespace {

constexpr float kTolerance = 1e-4F;

struct Case {
  const char* name;
  int size;
  double narrow;
  double multiplier;
  int unshuffle;
  GraphForm form;
};

std::shared_ptr<const Checkpoint> CheckpointOf(const std::string& bytes) {
  auto checkpoint = Checkpoint::Open(FromMemory(AsBytes(bytes), "test.pth"));
  EXPECT_TRUE(checkpoint) << checkpoint.error().message();
  return std::make_shared<const Checkpoint>(*std::move(checkpoint));
}

std::vector<float> RunModel(const OnnxModel& model, const std::vector<float>& input) {
  const auto bytes = ModelBytes(model);
  EXPECT_TRUE(bytes) << bytes.error().message();
  const auto session = nn::Session::FromBytes(*bytes, "test", {.threads = 1});
  EXPECT_TRUE(session) << session.error().message();
  std::vector<float> output(input.size());
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {output};
  const auto ran = (*session)->Run(inputs, outputs);
  EXPECT_TRUE(ran) << ran.error().message();
  return output;
}

class EveryForm : public ::testing::TestWithParam<Case> {};

TEST_P(EveryForm, EqualsThePlainNetwork) {
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
  const auto model = BuildGpenGraph(checkpoint, *description, residual, test.form);
  ASSERT_TRUE(model) << model.error().message();
  const auto output =
      RunModel(*model, std::vector<float>(input.values.begin(), input.values.end()));
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

constexpr GraphForm kDefault;
constexpr GraphForm kPolyphase = {.upsample = UpsampleForm::kPolyphase,
                                  .modulation = ModulationForm::kExpanded,
                                  .blur = BlurForm::kSeparable,
                                  .polyphase_from = 0,
                                  .blocked_from = 0};
constexpr GraphForm kBiased = {.upsample = UpsampleForm::kBiasedPolyphase,
                               .modulation = ModulationForm::kBroadcast,
                               .split_halves = false,
                               .polyphase_from = 0,
                               .blocked_from = 0};
constexpr GraphForm kBlocked = {.modulation = ModulationForm::kExpanded,
                                .activation = ActivationForm::kBlocked,
                                .polyphase_from = 8,
                                .blocked_from = 4};
constexpr GraphForm kWinograd = {.blocked_from = 4, .winograd_from = 0};
constexpr GraphForm kFolded = {.upsample = UpsampleForm::kFoldedBlur,
                               .modulation = ModulationForm::kBroadcast};
constexpr GraphForm kWeights = {.upsample = UpsampleForm::kTransposedConvolution,
                                .modulation = ModulationForm::kExpanded,
                                .blur = BlurForm::kSeparable,
                                .modulated_weights_from = 8,
                                .split_halves = false,
                                .blocked_from = 0};

INSTANTIATE_TEST_SUITE_P(Forms, EveryForm,
                         ::testing::Values(Case{"Default16", 16, 1.0 / 16, 1, 1, kDefault},
                                           Case{"Default64", 64, 1.0 / 32, 2, 1, kDefault},
                                           Case{"DefaultOddChannels", 32, 5.0 / 512, 1, 1,
                                                kDefault},
                                           Case{"DefaultUnshuffle2", 32, 1.0 / 32, 1, 2, kDefault},
                                           Case{"DefaultUnshuffle4", 32, 1.0 / 64, 1, 4, kDefault},
                                           Case{"Default64Wide", 64, 1.0 / 16, 1, 1, kDefault},
                                           Case{"Plain32", 32, 1.0 / 32, 1, 1, kPlainForm},
                                           Case{"Polyphase64", 64, 1.0 / 32, 2, 1, kPolyphase},
                                           Case{"Biased32", 32, 1.0 / 32, 2, 1, kBiased},
                                           Case{"Blocked32", 32, 1.0 / 16, 1, 1, kBlocked},
                                           Case{"Winograd32", 32, 1.0 / 32, 1, 1, kWinograd},
                                           Case{"Folded64", 64, 1.0 / 32, 2, 1, kFolded},
                                           Case{"Weights32", 32, 1.0 / 32, 1, 1, kWeights}),
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
  for (const auto& form : {kDefault, kPlainForm, kPolyphase, kBiased, kFolded, kWeights}) {
    const auto model = BuildGpenGraph(checkpoint, *description, false, form);
    ASSERT_TRUE(model);
    const auto output =
        RunModel(*model, std::vector<float>(input.values.begin(), input.values.end()));
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
}  // namespace gpen::model
