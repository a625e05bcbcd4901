#include "converter/gpen_description.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "converter/checkpoint_testing.h"

namespace gpen::converter {
namespace {

Result<GpenDescription> Describe(const TestTensors& tensors) {
  const std::string bytes = CheckpointBytes(tensors);
  const auto checkpoint = Checkpoint::Open(FromMemory(AsBytes(bytes), "test.pth"));
  EXPECT_TRUE(checkpoint) << checkpoint.error().message();
  return DescribeGpen(*checkpoint);
}

std::string MessageOf(const TestTensors& tensors) {
  const auto description = Describe(tensors);
  return description ? "no error" : description.error().message();
}

void ExpectIn(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

TestTensors SmallNetwork() { return RandomWeights(TestNetwork(64, 1.0 / 64, 2, 1, 16), 1); }

TEST(GpenDescription, InfersEveryShape) {
  for (const auto& [size, narrow, multiplier, unshuffle] :
       std::vector<std::tuple<int, double, double, int>>{{16, 1.0 / 64, 1, 1},
                                                         {64, 1.0 / 64, 2, 1},
                                                         {128, 1.0 / 64, 1, 1},
                                                         {64, 1.0 / 32, 1, 2}}) {
    const auto network = TestNetwork(size, narrow, multiplier, unshuffle, 24);
    const auto description = Describe(RandomWeights(network, 1));
    ASSERT_TRUE(description) << description.error().message();
    EXPECT_EQ(description->image_size, size);
    EXPECT_EQ(description->unshuffle, unshuffle);
    EXPECT_EQ(description->trunk_size, size / unshuffle);
    EXPECT_EQ(description->channels, network.channels);
    EXPECT_EQ(description->style_size, 24);
    EXPECT_DOUBLE_EQ(description->narrow, narrow);
    EXPECT_DOUBLE_EQ(description->channel_multiplier, multiplier);
  }
}

// Entries and parameters of the released networks, as the reference implementation has them.
TEST(GpenDescription, CountsAsTheReleasedNetworks) {
  const auto count = [](int size, double narrow, double multiplier) {
    const auto expected = ExpectedTensors(TestNetwork(size, narrow, multiplier));
    std::int64_t parameters = 0;
    for (const auto& [name, shape] : expected) {
      std::int64_t values = name.ends_with("kernel") ? 0 : 1;
      for (const auto dimension : shape) values *= dimension;
      parameters += values;
    }
    return std::pair<std::size_t, std::int64_t>(expected.size(), parameters);
  };
  EXPECT_EQ(count(256, 0.5, 1), (std::pair<std::size_t, std::int64_t>(144, 18'879'010)));
  EXPECT_EQ(count(512, 1, 2), (std::pair<std::size_t, std::int64_t>(163, 71'005'223)));
  EXPECT_EQ(count(1024, 1, 2).first, 182U);
  EXPECT_EQ(count(2048, 1, 2).first, 201U);
}

TEST(GpenDescription, NamesAllMissingTensorsInGroups) {
  auto tensors = SmallNetwork();
  tensors.erase("ecd2.0.1.weight");
  tensors.erase("ecd2.0.2.bias");
  tensors.erase("generator.convs.3.noise.weight");
  const auto message = MessageOf(tensors);
  ExpectIn(message, "3 tensors are missing");
  ExpectIn(message, "ecd2.{0.1.weight, 0.2.bias}");
  ExpectIn(message, "generator.convs.3.{noise.weight}");
  ExpectIn(message, "size 64");
  EXPECT_EQ(message.find("wrong shape"), std::string::npos);
}

TEST(GpenDescription, NamesUnexpectedTensorsAndWrongShapes) {
  auto tensors = SmallNetwork();
  tensors["generator.noises.noise_0"] = {{1, 1, 4, 4}, std::vector<float>(16)};
  tensors["generator.convs.2.activate.bias"] = {{7}, std::vector<float>(7)};
  const auto message = MessageOf(tensors);
  ExpectIn(message, "1 tensors are unexpected: generator.noises.{noise_0}");
  ExpectIn(message, "generator.convs.2.activate.bias: expected [16], found [7]");
}

TEST(GpenDescription, SaysWhichOtherNetworkItIs) {
  const auto named = [](std::initializer_list<const char*> names) {
    TestTensors tensors;
    for (const char* name : names) tensors[name] = {{1}, {0}};
    return MessageOf(tensors);
  };
  ExpectIn(named({"stylegan_decoder.conv1.weight", "conv_body_first.weight", "toRGB.0.weight"}),
           "GFPGAN");
  ExpectIn(named({"quantize.embedding.weight", "ft_layers.0.linear1.weight"}), "CodeFormer");
  ExpectIn(named({"conv_first.weight", "body.0.rdb1.conv1.weight"}), "ESRGAN");
  ExpectIn(named({"convs.0.0.weight", "final_conv.0.weight", "final_linear.0.weight"}),
           "discriminator");
  ExpectIn(named({"style.1.weight", "to_rgb1.bias", "convs.0.conv.weight"}), "StyleGAN2");
  ExpectIn(named({"foo", "bar"}),
           "an unknown network: bar, foo. Only GPEN's generators are converted");
}

TEST(GpenDescription, SaysWhichHalfOfAGpenIsMissing) {
  const auto without = [](std::string_view prefix) {
    auto tensors = SmallNetwork();
    std::erase_if(tensors, [&](const auto& tensor) { return tensor.first.starts_with(prefix); });
    return MessageOf(tensors);
  };
  ExpectIn(without("ecd"), "found its decoder (generator.*) without its encoder (ecd*)");
  ExpectIn(without("generator."), "found its encoder (ecd*) without its decoder (generator.*)");
  ExpectIn(without("generator."), "save the state dict of the whole generator");
}

TEST(GpenDescription, RefusesANetworkThatEnlarges) {
  auto tensors = SmallNetwork();
  tensors["generator.to_rgbs.4.bias"] = {{1, 3, 1, 1}, {0, 0, 0}};
  ExpectIn(MessageOf(tensors), "enlarges its input");
}

}  // namespace
}  // namespace gpen::converter
