#include "kernels/row_layers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/instructions.h"
#include "kernels/slow_row_layers_testing.h"

namespace gpen::kernels {
namespace {

std::size_t Count(int a, int b, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

std::vector<float> Noise(std::size_t count, std::uint32_t seed, double scale = 1) {
  std::vector<float> values(count);
  for (float& value : values) {
    seed = seed * 1664525 + 1013904223;
    value = static_cast<float>(scale * (static_cast<double>(seed >> 8) / (1 << 23) - 1));
  }
  return values;
}

struct Case {
  int height;  // Of the input.
  int width;
  int in;
  int out;
  Taps taps;
  int pad;
  Activation activation;
  bool adds;
};

void PrintTo(const Case& test, std::ostream* stream) {
  *stream << test.height << "x" << test.width << " " << test.in << " -> " << test.out << " taps "
          << test.taps.height << "x" << test.taps.width << " stride " << test.taps.stride
          << " dilation " << test.taps.dilation << " pad " << test.pad << " activation "
          << static_cast<int>(test.activation) << (test.adds ? " adds" : "");
}

// A map between zeros, as a network's runner keeps it: `pad` on all sides.
class PaddedMap {
 public:
  PaddedMap(const std::vector<float>& values, int height, int width, int channels, int pad)
      : stride_(Count(width + 2 * pad, channels)), values_(stride_ * Count(height + 2 * pad, 1)) {
    for (int y = 0; y < height; ++y) {
      const auto row = values.begin() + static_cast<std::ptrdiff_t>(Count(y, width, channels));
      std::copy_n(row, Count(width, channels),
                  values_.begin() + static_cast<std::ptrdiff_t>(Count(y + pad, 1) * stride_ +
                                                                Count(pad, channels)));
    }
  }
  // Row `y` of the padded map, from its first pixel on.
  const float* Row(int y) const { return values_.data() + Count(y, 1) * stride_; }

 private:
  std::size_t stride_;
  std::vector<float> values_;
};

class RowLayersTest : public ::testing::TestWithParam<Case> {
 protected:
  RowLayersTest()
      : test_(GetParam()),
        height_((test_.height + 2 * test_.pad - (test_.taps.height - 1) * test_.taps.dilation - 1) /
                    test_.taps.stride +
                1),
        width_((test_.width + 2 * test_.pad - (test_.taps.width - 1) * test_.taps.dilation - 1) /
                   test_.taps.stride +
               1),
        input_(Noise(Count(test_.height, test_.width, test_.in), 1)),
        padded_(input_, test_.height, test_.width, test_.in, test_.pad),
        added_(Noise(Count(height_, width_, test_.out), 2)),
        bias_(Noise(Count(test_.out, 1), 3)),
        slope_(Noise(Count(test_.out, 1), 4)) {}

  RowEnding Ending() const { return {bias_.data(), test_.activation, slope_.data()}; }
  slow::Map InputMap() const {
    return slow::FromFloats(input_.data(), test_.height, test_.width, test_.in);
  }
  slow::Map AddedMap() const { return slow::FromFloats(added_.data(), height_, width_, test_.out); }

  // Runs `run(rows, width)` with each set of instructions, all rows at once and one by one.
  template <typename RunRows>
  void Check(const slow::Map& expected, const RunRows& run) {
    const auto taps = static_cast<std::size_t>(test_.taps.height);
    for (const auto& name : InstructionSets()) {
      SCOPED_TRACE(name);
      UseInstructionSet(name);
      for (const bool together : {true, false}) {
        std::vector<float> output(expected.values.size(), 1e9F);
        std::vector<const float*> inputs;
        for (int y = 0; y < height_; ++y) {
          for (int k = 0; k < test_.taps.height; ++k) {
            inputs.push_back(padded_.Row(y * test_.taps.stride + k * test_.taps.dilation));
          }
        }
        std::vector<LayerRow> rows;
        for (int y = 0; y < height_; ++y) {
          const std::size_t at = Count(y, width_, test_.out);
          rows.push_back({&inputs[static_cast<std::size_t>(y) * taps],
                          test_.adds ? &added_[at] : nullptr, &output[at]});
        }
        if (together) {
          run(std::span<const LayerRow>(rows), width_);
        } else {
          for (const LayerRow& row : rows) run(std::span(&row, 1), width_);
        }
        double worst = 0;
        for (std::size_t i = 0; i < output.size(); ++i) {
          worst = std::max(worst, std::abs(output[i] - expected.values[i]));
        }
        EXPECT_LT(worst, 2e-5);
      }
    }
    UseInstructionSet("");
  }

  const Case test_;
  const int height_;
  const int width_;
  const std::vector<float> input_;
  const PaddedMap padded_;
  const std::vector<float> added_, bias_, slope_;
};

TEST_P(RowLayersTest, Convolution) {
  const int taps = test_.taps.height * test_.taps.width;
  const auto weights = Noise(Count(test_.out, taps, test_.in), 5, 1 / std::sqrt(taps * test_.in));
  const RowConvolution layer = {test_.taps, weights.data(),      test_.in,
                                test_.out,  BlockFor(test_.out), Ending()};
  const slow::Map added = AddedMap();
  Check(
      slow::Convolve(InputMap(), layer, test_.pad, height_, width_, test_.adds ? &added : nullptr),
      [&](std::span<const LayerRow> rows, int width) { kernels::Run(layer, rows, width); });
}

TEST_P(RowLayersTest, Separable) {
  if (test_.taps.dilation != 1 || test_.in % kStepFloats != 0) return;
  const int taps = test_.taps.height * test_.taps.width;
  const auto weights = Noise(Count(taps, test_.in), 6, 1 / std::sqrt(taps));
  const auto mixing = Noise(Count(test_.in, test_.out), 7, 1 / std::sqrt(test_.in));
  const auto bias = Noise(Count(test_.in, 1), 8);
  const auto slope = Noise(Count(test_.in, 1), 9);
  const RowDepthwise depthwise = {
      test_.taps, weights.data(), test_.in, {bias.data(), test_.activation, slope.data()}};
  const RowConvolution pointwise = {{},        mixing.data(),       test_.in,
                                    test_.out, BlockFor(test_.out), Ending()};
  const slow::Map between = slow::Convolve(InputMap(), depthwise, test_.pad, height_, width_);
  const slow::Map added = AddedMap();
  Check(slow::Convolve(between, pointwise, 0, height_, width_, test_.adds ? &added : nullptr),
        [&](std::span<const LayerRow> rows, int width) {
          kernels::Run(depthwise, pointwise, rows, width);
        });
}

using enum Activation;
INSTANTIATE_TEST_SUITE_P(Shapes, RowLayersTest,
                         ::testing::Values(Case{9, 13, 3, 16, {3, 3, 2, 1}, 1, kRelu, false},
                                           Case{17, 21, 3, 24, {5, 5, 2, 1}, 2, kRelu, false},
                                           Case{8, 150, 16, 32, {3, 3, 1, 1}, 1, kRelu, false},
                                           Case{12, 31, 24, 24, {3, 3, 1, 1}, 1, kRelu, true},
                                           Case{11, 9, 16, 16, {3, 3, 1, 5}, 5, kNone, false},
                                           Case{14, 14, 32, 48, {3, 3, 2, 1}, 1, kSloped, true},
                                           Case{7, 7, 64, 72, {7, 7, 1, 1}, 0, kNone, false},
                                           Case{5, 4, 256, 8, {1, 1, 1, 1}, 0, kNone, false},
                                           Case{6, 5, 8, 40, {1, 1, 1, 1}, 0, kSloped, true},
                                           Case{
                                               20, 20, 128, 256, {3, 3, 1, 1}, 1, kSloped, false}));

TEST(MaxPoolRow, TakesTheLargestOfFour) {
  constexpr int kChannels = 24;
  constexpr int kWidth = 5;
  const auto upper = Noise(Count(2 * kWidth, kChannels), 1);
  const auto lower = Noise(Count(2 * kWidth, kChannels), 2);
  for (const auto& name : InstructionSets()) {
    UseInstructionSet(name);
    std::vector<float> output(Count(kWidth, kChannels));
    MaxPoolRow(upper.data(), lower.data(), kChannels, kWidth, output.data());
    for (std::size_t i = 0; i < output.size(); ++i) {
      const std::size_t left = i / kChannels * 2 * kChannels + i % kChannels;
      EXPECT_EQ(output[i], std::max({upper[left], upper[left + kChannels], lower[left],
                                     lower[left + kChannels]}));
    }
  }
  UseInstructionSet("");
}

}  // namespace
}  // namespace gpen::kernels
