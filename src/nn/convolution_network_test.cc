#include "nn/convolution_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <tuple>

#include "nn/session.h"
#include "onnx/onnx_writer.h"

namespace gpen::nn {
namespace {

using onnx::Node;
using Integers = std::vector<std::int64_t>;

std::vector<float> Noise(std::size_t count, std::uint32_t seed, double scale = 1) {
  std::vector<float> values(count);
  for (float& value : values) {
    seed = seed * 1664525 + 1013904223;
    value = static_cast<float>(scale * (static_cast<double>(seed >> 8) / (1 << 23) - 1));
  }
  return values;
}

// A graph under construction, with random weights.
class Graph {
 public:
  Graph(int height, int width) { model_.inputs = {{"input", {1, 3, height, width}}}; }

  std::string Convolve(const std::string& input, int in, int out, Integers kernel, Integers pads,
                       int stride = 1, int dilation = 1, int group = 1) {
    const std::string name = "c" + std::to_string(model_.nodes.size());
    const onnx::Shape shape = {out, in / group, kernel[0], kernel[1]};
    const auto taps = static_cast<double>(onnx::ElementCount(shape)) / out;
    AddWeights(name + "w", shape, 1 / std::sqrt(taps));
    AddWeights(name + "b", {out}, 0.3);
    return Add("Conv", {input, name + "w", name + "b"},
               {{"kernel_shape", std::move(kernel)},
                {"pads", std::move(pads)},
                {"strides", Integers{stride, stride}},
                {"dilations", Integers{dilation, dilation}},
                {"group", std::int64_t{group}}});
  }
  std::string Depthwise(const std::string& input, int channels, Integers pads, int stride = 1) {
    return Convolve(input, channels, channels, {3, 3}, std::move(pads), stride, 1, channels);
  }
  std::string Pointwise(const std::string& input, int in, int out) {
    return Convolve(input, in, out, {1, 1}, {0, 0, 0, 0});
  }
  std::string Add(const std::string& op, std::vector<std::string> inputs,
                  std::map<std::string, onnx::Attribute> attributes = {}) {
    const std::string output = "v" + std::to_string(model_.nodes.size());
    model_.nodes.push_back({op, output, std::move(inputs), {output}, std::move(attributes)});
    return output;
  }
  std::string Slopes(const std::string& name, int channels) {
    AddWeights(name, {channels, 1, 1}, 0.5);
    return name;
  }
  void AddWeights(const std::string& name, const onnx::Shape& shape, double scale) {
    const auto count = static_cast<std::size_t>(onnx::ElementCount(shape));
    model_.initializers[name] = onnx::FloatValues(shape, Noise(count, ++seed_, scale));
  }
  void Output(const std::string& name, int channels, int height, int width) {
    model_.outputs.push_back({name, {1, channels, height, width}});
  }
  onnx::OnnxModel& model() { return model_; }

 private:
  onnx::OnnxModel model_;
  std::uint32_t seed_ = 0;
};

// Everything that a network may hold: two outputs, of half and a quarter of the size.
onnx::OnnxModel Everything(int height, int width) {
  Graph graph(height, width);
  const int half_height = (height + 1) / 2;
  const int half_width = (width + 1) / 2;
  auto x = graph.Add("Relu", {graph.Convolve("input", 3, 16, {3, 3}, {1, 1, 1, 1}, 2)});
  // A residual block, its activation after the sum.
  auto y = graph.Add("Relu", {graph.Depthwise(x, 16, {1, 1, 1, 1})});
  y = graph.Add("Relu", {graph.Add("Add", {x, graph.Pointwise(y, 16, 16)})});
  // Three dilated branches put together, one of 12 channels on the way.
  const auto a = graph.Convolve(graph.Pointwise(y, 16, 8), 8, 16, {3, 3}, {2, 2, 2, 2}, 1, 2);
  const auto narrow = graph.Add("Relu", {graph.Convolve(y, 16, 12, {3, 3}, {1, 1, 1, 1})});
  const auto b = graph.Convolve(narrow, 12, 8, {3, 3}, {5, 5, 5, 5}, 1, 5);
  const auto joined = graph.Add("Concat", {a, b, y}, {{"axis", std::int64_t{1}}});
  graph.model().initializers["factor"] = onnx::FloatValues({}, {0.7F});
  const auto scaled = graph.Add("Mul", {graph.Pointwise(joined, 40, 24), "factor"});
  auto z = graph.Add("Add", {scaled, graph.Pointwise(y, 16, 24)});
  z = graph.Add("PRelu", {z, graph.Slopes("slopes", 24)});
  const auto first = graph.Pointwise(z, 24, 6);
  graph.Output(first, 6, half_height, half_width);
  // Half of the size, by a depthwise convolution and by maxima; padding at the end alone.
  const int quarter_height = half_height / 2;
  const int quarter_width = half_width / 2;
  const auto large =
      graph.Add("MaxPool", {z}, {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}});
  auto small =
      graph.Depthwise(z, 24, {0, 0, half_height % 2 == 0 ? 1 : 0, half_width % 2 == 0 ? 1 : 0}, 2);
  small = graph.Add("Add", {graph.Pointwise(small, 24, 24), large});
  const auto second = graph.Convolve(small, 24, 10, {1, 3}, {0, 1, 0, 1});
  graph.Output(second, 10, quarter_height, quarter_width);
  return std::move(graph.model());
}

// To a half and a quarter of the size and back, added to and beside what is left at each.
onnx::OnnxModel DownAndUp(int height, int width) {
  Graph graph(height, width);
  const auto whole = graph.Convolve("input", 3, 8, {3, 3}, {1, 1, 1, 1});
  const auto half = graph.Convolve(whole, 8, 16, {3, 3}, {1, 1, 1, 1}, 2);
  auto low = graph.Add("Relu", {graph.Convolve(half, 16, 24, {3, 3}, {1, 1, 1, 1}, 2)});
  low = graph.Convolve(low, 24, 24, {3, 3}, {2, 2, 2, 2}, 1, 2);
  const auto enlarge = [&](const std::string& map, int in, int out) {
    return graph.Add("DepthToSpace", {graph.Pointwise(map, in, 4 * out)},
                     {{"blocksize", std::int64_t{2}}, {"mode", std::string("DCR")}});
  };
  const auto join = [&](const std::string& one, const std::string& other) {
    return graph.Add("Concat", {one, other}, {{"axis", std::int64_t{1}}});
  };
  low = graph.Add("Add", {half, enlarge(low, 24, 16)});
  low = graph.Convolve(join(low, half), 32, 16, {3, 3}, {1, 1, 1, 1});
  const auto last = graph.Convolve(join(enlarge(low, 16, 16), whole), 24, 5, {3, 3}, {1, 1, 1, 1});
  graph.Output(last, 5, height, width);
  return std::move(graph.model());
}

// The same by the runtime, height x width x channels each.
std::vector<std::vector<float>> ByRuntime(const onnx::OnnxModel& model,
                                          const std::vector<float>& pixels) {
  const auto bytes = onnx::ModelBytes(model);
  EXPECT_TRUE(bytes);
  const auto session = Session::FromBytes(*bytes, "test.onnx", {});
  EXPECT_TRUE(session) << session.error().message();
  if (!session) return {};
  const std::size_t plane = pixels.size() / 3;
  std::vector<float> planes(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) planes[i % 3 * plane + i / 3] = pixels[i];
  std::vector<std::vector<float>> outputs;
  for (const auto& info : (*session)->outputs()) outputs.emplace_back(info.size());
  const std::span<const float> inputs[] = {planes};
  const std::vector<std::span<float>> spans(outputs.begin(), outputs.end());
  EXPECT_TRUE((*session)->Run(inputs, spans));
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const auto channels = static_cast<std::size_t>((*session)->outputs()[o].shape[1]);
    const auto planar = outputs[o];
    const std::size_t size = planar.size() / channels;
    for (std::size_t i = 0; i < planar.size(); ++i) {
      outputs[o][i % size * channels + i / size] = planar[i];
    }
  }
  return outputs;
}

ConvolutionNetwork::FillRow RowsOf(const std::vector<float>& pixels, int width) {
  return [&pixels, width](int y, float* row) {
    const auto floats = static_cast<std::size_t>(3 * width);
    std::copy_n(pixels.data() + static_cast<std::size_t>(y) * floats, floats, row);
  };
}

class ConvolutionNetworkTest : public ::testing::TestWithParam<std::tuple<int, int>> {};

void ExpectWhatTheRuntimeComputes(const onnx::OnnxModel& model, int height, int width) {
  const auto pixels = Noise(static_cast<std::size_t>(3 * height * width), 99);
  const auto network = ConvolutionNetwork::FromModel(model, "test.onnx");
  ASSERT_TRUE(network) << network.error().message();
  const auto expected = ByRuntime(model, pixels);
  const auto found = network->Run(height, width, RowsOf(pixels, width));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), expected.size());
  const auto shapes = network->OutputShapes(height, width);
  for (std::size_t o = 0; o < expected.size(); ++o) {
    const FeatureMap& map = (*found)[o];
    EXPECT_EQ((MapShape{map.height, map.width, map.channels}), shapes[o]);
    ASSERT_EQ(map.values.size(), expected[o].size());
    double worst = 0;
    for (std::size_t i = 0; i < map.values.size(); ++i) {
      worst = std::max(worst, static_cast<double>(std::abs(map.values[i] - expected[o][i])));
    }
    EXPECT_LT(worst, 2e-5) << o;
  }
}

TEST_P(ConvolutionNetworkTest, ComputesWhatTheRuntimeDoes) {
  const auto [height, width] = GetParam();
  ExpectWhatTheRuntimeComputes(Everything(height, width), height, width);
}

TEST(ConvolutionNetwork, GoesDownAndUpAgain) {
  for (const auto& [height, width] : {std::pair{4, 4}, {40, 300}, {304, 8}, {52, 76}}) {
    ExpectWhatTheRuntimeComputes(DownAndUp(height, width), height, width);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ConvolutionNetworkTest,
                         ::testing::Values(std::tuple{48, 64}, std::tuple{37, 51},
                                           std::tuple{10, 300}, std::tuple{301, 9},
                                           std::tuple{5, 6}));

TEST(ConvolutionNetwork, LeavesOutWhatOnlyOtherOutputsNeed) {
  const auto network = ConvolutionNetwork::FromModel(Everything(20, 30), "test.onnx");
  ASSERT_TRUE(network);
  const auto pixels = Noise(3 * 20 * 30, 99);
  const auto all = network->Run(20, 30, RowsOf(pixels, 30));
  const auto one = network->Run(20, 30, RowsOf(pixels, 30), {}, 1);
  ASSERT_TRUE(all && one);
  ASSERT_EQ(one->size(), 1U);
  EXPECT_EQ(one->front().values, all->front().values);
}

TEST(ConvolutionNetwork, StreamsTheRowsOfItsFirstOutput) {
  const auto network = ConvolutionNetwork::FromModel(Everything(37, 51), "test.onnx");
  ASSERT_TRUE(network);
  const auto pixels = Noise(3 * 37 * 51, 99);
  const auto whole = network->Run(37, 51, RowsOf(pixels, 51), {}, 1);
  ASSERT_TRUE(whole);
  const FeatureMap& map = whole->front();
  int rows = 0;
  const auto streamed =
      network->Stream(37, 51, RowsOf(pixels, 51), [&](int y, const float* row, int step) {
        ASSERT_EQ(y, rows++) << "each row once, from top to bottom";
        for (int x = 0; x < map.width; ++x) {
          for (int c = 0; c < map.channels; ++c) ASSERT_EQ(row[x * step + c], map.At(y, x)[c]);
        }
      });
  ASSERT_TRUE(streamed);
  EXPECT_EQ(rows, map.height);
}

// A change of the input shows as far as the reach, and no farther.
TEST(ConvolutionNetwork, KnowsHowFarItSees) {
  constexpr int kSide = 25;
  Graph graph(kSide, kSide);
  const auto skip = graph.Convolve("input", 3, 8, {5, 5}, {2, 2, 2, 2});
  auto map = graph.Convolve("input", 3, 8, {3, 3}, {1, 1, 1, 1});
  map = graph.Add("PRelu", {map, graph.Slopes("slopes", 8)});
  map = graph.Convolve(map, 8, 8, {3, 3}, {2, 2, 2, 2}, 1, 2);
  map = graph.Add("Identity", {graph.Add("Add", {graph.Pointwise(map, 8, 8), skip})});
  const auto network = ConvolutionNetwork::FromModel(graph.model(), "test.onnx");
  ASSERT_TRUE(network) << network.error().message();
  EXPECT_EQ(network->Reach(), 3);
  std::vector<float> pixels(3 * kSide * kSide);
  const auto before = network->Run(kSide, kSide, RowsOf(pixels, kSide));
  pixels[3 * (12 * kSide + 12)] = 1;
  const auto after = network->Run(kSide, kSide, RowsOf(pixels, kSide));
  ASSERT_TRUE(before && after);
  int farthest = 0;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      if (after->front().At(y, x)[0] == before->front().At(y, x)[0]) continue;
      farthest = std::max({farthest, std::abs(y - 12), std::abs(x - 12)});
    }
  }
  EXPECT_EQ(farthest, 3);
}

// The same where a pixel of the coarsest map stands for four, wherever among them the change is.
TEST(ConvolutionNetwork, KnowsHowFarItSeesThroughCoarserMaps) {
  constexpr int kSide = 64;
  const auto network = ConvolutionNetwork::FromModel(DownAndUp(kSide, kSide), "test.onnx");
  ASSERT_TRUE(network) << network.error().message();
  EXPECT_EQ(network->Unit(), 4);
  std::vector<float> pixels(3 * kSide * kSide);
  const auto before = network->Run(kSide, kSide, RowsOf(pixels, kSide));
  ASSERT_TRUE(before);
  int farthest = 0;
  for (int at = 28; at < 32; ++at) {
    std::ranges::fill(pixels, 0.0F);
    pixels[static_cast<std::size_t>(3 * (at * kSide + at))] = 9;
    const auto after = network->Run(kSide, kSide, RowsOf(pixels, kSide));
    ASSERT_TRUE(after);
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        if (after->front().At(y, x)[0] == before->front().At(y, x)[0]) continue;
        farthest = std::max({farthest, std::abs(y - at), std::abs(x - at)});
      }
    }
  }
  EXPECT_EQ(farthest, network->Reach());
}

// A model's maps of different sizes are read as far as all of them reach.
TEST(ConvolutionNetwork, StaysWithinItsMaps) {
  const auto network = ConvolutionNetwork::FromModel(DownAndUp(40, 40), "test.onnx");
  ASSERT_TRUE(network);
  const auto pixels = Noise(3 * 37 * 51, 99);
  const auto found = network->Run(37, 51, RowsOf(pixels, 51));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->front().height, 37);
  EXPECT_EQ(found->front().width, 51);
}

// Where a window is as wide as the map that it reads there is nothing to make.
TEST(ConvolutionNetwork, MakesNothingOfAMapThatIsSmallerThanItsWindow) {
  Graph graph(8, 8);
  graph.Pointwise(graph.Convolve("input", 3, 8, {1, 5}, {0, 0, 0, 0}, 1, 2), 8, 8);
  const auto network = ConvolutionNetwork::FromModel(graph.model(), "test.onnx");
  ASSERT_TRUE(network) << network.error().message();
  EXPECT_EQ(network->OutputShapes(8, 8), (std::vector<MapShape>{{8, 0, 8}}));
  const auto pixels = Noise(3 * 8 * 8, 99);
  const auto found = network->Run(8, 8, RowsOf(pixels, 8));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->front().values.empty());
}

TEST(ConvolutionNetwork, StopsOnRequest) {
  const auto network = ConvolutionNetwork::FromModel(Everything(20, 30), "test.onnx");
  ASSERT_TRUE(network);
  std::stop_source stop;
  int rows = 0;
  const auto found = network->Run(
      20, 30,
      [&](int y, float* row) {
        std::fill_n(row, 90, 0.0F);
        rows = y + 1;
        if (y == 6) stop.request_stop();
      },
      stop.get_token());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(rows, 7);
}

// What a model must not hold is said by name.
TEST(ConvolutionNetwork, RefusesWhatItCannotRun) {
  const auto message = [](Graph& graph) {
    const auto network = ConvolutionNetwork::FromModel(graph.model(), "test.onnx");
    return network ? std::string() : network.error().message();
  };
  Graph unknown(8, 8);
  unknown.Add("Sigmoid", {unknown.Pointwise("input", 3, 8)});
  EXPECT_EQ(message(unknown), "test.onnx: the node 'v1' (Sigmoid): the operator is not known");
  Graph alone(8, 8);
  alone.Depthwise(alone.Pointwise("input", 3, 8), 8, {1, 1, 1, 1});
  EXPECT_EQ(message(alone), "test.onnx: a depthwise convolution that no 1x1 convolution follows");
  Graph wrong(8, 8);
  wrong.Pointwise(wrong.Pointwise("input", 3, 8), 16, 8);
  EXPECT_EQ(message(wrong),
            "test.onnx: the node 'v1' (Conv): its weights do not fit 8 channels of input");
  Graph twice(8, 8);
  const auto map = twice.Pointwise("input", 3, 8);
  twice.Add("Relu", {map});
  twice.Add("Relu", {map});
  EXPECT_EQ(message(twice),
            "test.onnx: the node 'v1' (Relu): expected it after a convolution or an addition");
  Graph shuffle(8, 8);
  shuffle.Add("DepthToSpace", {shuffle.Pointwise("input", 3, 16)},
              {{"blocksize", std::int64_t{2}}});
  EXPECT_EQ(message(shuffle),
            "test.onnx: the node 'v1' (DepthToSpace): expected pixels of 2x2 in DCR mode, each of "
            "channels in groups of 8");
  Graph constant(8, 8);
  constant.AddWeights("w", {1, 32, 4, 4}, 1);
  constant.Add("DepthToSpace", {"w", "input"}, {{"blocksize", std::int64_t{2}}});
  EXPECT_EQ(message(constant),
            "test.onnx: the node 'v0' (DepthToSpace): expected a map as its first input");
  const auto scales =
      "test.onnx: expected maps that are whole times coarser than the input, and equally where "
      "they "
      "meet";
  Graph finer(8, 8);
  const auto lifted = finer.Add("DepthToSpace", {finer.Pointwise("input", 3, 32)},
                                {{"blocksize", std::int64_t{2}}});
  finer.Pointwise(lifted, 8, 8);
  EXPECT_EQ(message(finer), scales);
  Graph unequal(8, 8);
  const auto coarse = unequal.Convolve("input", 3, 8, {1, 1}, {0, 0, 0, 0}, 2);
  unequal.Add("Add", {unequal.Pointwise("input", 3, 8), coarse});
  EXPECT_EQ(message(unequal), scales);
  Graph coarsest(8, 8);
  auto coarser = coarsest.Pointwise("input", 3, 8);
  for (int i = 0; i < 3; ++i) {
    coarser = coarsest.Convolve(coarser, 8, 8, {1, 1}, {0, 0, 0, 0}, 16);
  }
  EXPECT_EQ(message(coarsest), scales);
  Graph empty(8, 8);
  EXPECT_EQ(message(empty), "test.onnx: expected convolutions, found none");
}

}  // namespace
}  // namespace gpen::nn
