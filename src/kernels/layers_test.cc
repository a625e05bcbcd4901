#include "kernels/layers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "kernels/instructions.h"
#include "kernels/slow_layers_testing.h"

namespace gpen::kernels {
namespace {

constexpr double kTolerance = 2e-5;

std::vector<float> Noise(std::size_t count, std::uint32_t seed, float scale = 1) {
  std::vector<float> values(count);
  for (float& value : values) {
    seed = seed * 1664525 + 1013904223;
    value = scale * (static_cast<float>(seed >> 8) / static_cast<float>(1 << 23) - 1);
  }
  return values;
}

std::size_t Count(int a, int b, int c = 1, int d = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c) *
         static_cast<std::size_t>(d);
}

Workers TestWorkers(int threads) {
  return {threads, [threads](int count, const std::function<void(int)>& work) {
            std::vector<std::jthread> helpers;
            for (int t = 0; t < threads; ++t) {
              helpers.emplace_back([=, &work] {
                for (int i = t; i < count; i += threads) work(i);
              });
            }
          }};
}

struct Case {
  int height;
  int width;
  int channels;
  int out;
  int block;
  int threads;
};

void PrintTo(const Case& test, std::ostream* stream) {
  *stream << test.height << "x" << test.width << " channels " << test.channels << " out "
          << test.out << " block " << test.block << " threads " << test.threads;
}

// Random values for every layer of one shape.
struct Layers {
  explicit Layers(const Case& test, int in)
      : image(Noise(Count(test.height, test.width, test.channels), 1)),
        feature(Noise(Count(test.height, test.width, test.channels), 2)),
        feature_bias(Noise(Count(test.channels, 1), 3)),
        style(Noise(Count(2, test.channels), 4)),
        weights(Noise(Count(9, in, test.out), 5, 1 / std::sqrt(static_cast<float>(9 * in)))),
        factor(Noise(Count(test.out, 1), 6)),
        bias(Noise(Count(test.out, 1), 7)),
        blur(Noise(16, 8, 0.25F)),
        input{image.data(), feature.data(), 0.7F,       feature_bias.data(),
              style.data(), test.height,    test.width, test.channels},
        packed{weights.data(), in, test.out, test.block},
        ending{factor.data(), bias.data()} {}

  std::vector<float> image, feature, feature_bias, style, weights, factor, bias, blur;
  StyledInput input;
  Weights packed;
  Ending ending;
};

void ExpectEqual(const std::vector<float>& found, const slow::Map& expected) {
  ASSERT_EQ(found.size(), expected.values.size());
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    worst = std::max(worst, std::abs(found[i] - expected.values[i]));
  }
  EXPECT_LT(worst, kTolerance);
}

// Runs every test with each set of vector instructions that this machine has.
class EveryInstructionSet : public ::testing::TestWithParam<Case> {
 protected:
  template <typename Check>
  void ForEachSet(const Check& check) {
    for (const auto& name : InstructionSets()) {
      SCOPED_TRACE(name);
      UseInstructionSet(name);
      check();
    }
    UseInstructionSet("");
  }
};

TEST_P(EveryInstructionSet, EncoderConvolution) {
  const Case test = GetParam();
  const Layers layers(test, test.channels);
  EncoderConvolution layer = {layers.image.data(), test.height,   test.width,
                              layers.blur.data(),  layers.packed, {nullptr, layers.bias.data()}};
  const auto expected = slow::Run(layer);
  ForEachSet([&] {
    std::vector<float> output(expected.values.size());
    kernels::Run(layer, output.data(), TestWorkers(test.threads));
    ExpectEqual(output, expected);
  });
}

TEST_P(EveryInstructionSet, StyledConvolution) {
  const Case test = GetParam();
  const Layers layers(test, 2 * test.channels);
  StyledConvolution layer = {layers.input, layers.packed, nullptr, layers.ending};
  const auto expected = slow::Run(layer);
  ForEachSet([&] {
    std::vector<float> output(expected.values.size());
    layer.winograd = nullptr;
    kernels::Run(layer, output.data(), TestWorkers(test.threads));
    ExpectEqual(output, expected);
    if (test.height % 4 != 0 || test.width % 4 != 0) return;
    const WinogradWeights winograd(layer.weights, TestWorkers(test.threads));
    layer.winograd = &winograd;
    std::fill(output.begin(), output.end(), 0.0F);
    kernels::Run(layer, output.data(), TestWorkers(test.threads));
    ExpectEqual(output, expected);
  });
}

TEST_P(EveryInstructionSet, StyledUpConvolution) {
  const Case test = GetParam();
  const Layers layers(test, 2 * test.channels);
  const StyledUpConvolution layer = {layers.input, layers.packed, layers.blur.data(),
                                     layers.ending};
  const auto expected = slow::Run(layer);
  ForEachSet([&] {
    std::vector<float> output(expected.values.size());
    kernels::Run(layer, output.data(), TestWorkers(test.threads));
    ExpectEqual(output, expected);
  });
}

TEST_P(EveryInstructionSet, ToRgb) {
  const Case test = GetParam();
  const Layers layers(test, 1);
  for (const int colors : {3, 12, 4}) {
    const auto weight = Noise(Count(colors, 2 * test.channels), 9);
    const auto bias = Noise(Count(colors, 1), 10);
    const auto skip = Noise(Count(colors, test.height / 2, test.width / 2), 11);
    const ToRgb layer = {layers.input, weight.data(),      bias.data(),
                         skip.data(),  layers.blur.data(), colors};
    const auto expected = slow::Run(layer);
    ForEachSet([&] {
      std::vector<float> planes(expected.values.size());
      kernels::Run(layer, planes.data(), TestWorkers(test.threads));
      std::vector<float> output(planes.size());
      const std::size_t plane = planes.size() / static_cast<std::size_t>(colors);
      for (std::size_t i = 0; i < planes.size(); ++i) {
        output[i % plane * static_cast<std::size_t>(colors) + i / plane] = planes[i];
      }
      ExpectEqual(output, expected);
    });
  }
}

TEST_P(EveryInstructionSet, PointwiseConvolution) {
  const Case test = GetParam();
  const auto input = Noise(Count(3, test.height, test.width), 1);
  const auto weight = Noise(Count(3, test.out), 2);
  const auto bias = Noise(Count(test.out, 1), 3);
  const PointwiseConvolution layer = {input.data(), weight.data(), bias.data(), 3,
                                      test.height,  test.width,    test.out};
  slow::Map expected(test.height, test.width, test.out);
  for (int y = 0; y < test.height; ++y) {
    for (int x = 0; x < test.width; ++x) {
      for (int c = 0; c < test.out; ++c) {
        double sum = bias[static_cast<std::size_t>(c)];
        for (int color = 0; color < 3; ++color) {
          sum += double{input[Count(1, (color * test.height + y) * test.width + x)]} *
                 weight[static_cast<std::size_t>(color * test.out + c)];
        }
        expected.At(y, x, c) = slow::Activate(sum);
      }
    }
  }
  ForEachSet([&] {
    std::vector<float> output(expected.values.size());
    kernels::Run(layer, output.data(), TestWorkers(test.threads));
    ExpectEqual(output, expected);
  });
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryInstructionSet,
                         ::testing::Values(Case{4, 4, 8, 8, 8, 1}, Case{8, 8, 16, 16, 16, 2},
                                           Case{16, 20, 24, 24, 8, 3}, Case{12, 28, 5, 7, 7, 2},
                                           Case{6, 10, 3, 1, 1, 4}, Case{2, 2, 40, 64, 32, 2},
                                           Case{32, 52, 32, 32, 32, 2},
                                           Case{44, 8, 17, 48, 24, 5}));

TEST(InstructionSets, AreNamed) {
  EXPECT_FALSE(InstructionSets().empty());
  EXPECT_FALSE(InstructionSet().empty());
}

}  // namespace
}  // namespace gpen::kernels
