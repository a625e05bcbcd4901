// The layers of plain convolutional networks as kernels of our own, some rows at a time: whoever
// runs a network hands over the rows that a layer reads, so that no map need be whole.
//
// Like the layers of GPEN (layers.h) they are compiled for every set of vector instructions. Rows
// are channels-last; a pixel takes a `step` of floats, which is its channels rounded up to a whole
// number of kStepFloats. One thread computes; others may compute other rows at the same time.
#pragma once

#include <cstdint>
#include <span>

namespace gpen::kernels {

/// Pixels of rows, but for those of a network's input, take a multiple of so many floats.
inline constexpr int kStepFloats = 8;
constexpr int StepOf(int channels) {
  return (channels + kStepFloats - 1) / kStepFloats * kStepFloats;
}

enum class Activation : std::uint8_t {
  kNone,
  kRelu,    ///< x < 0 ? 0 : x
  kSloped,  ///< x < 0 ? slope * x : x, with a slope for each channel.
};

/// What becomes of a sum: y = activation(sum + bias + added).
struct RowEnding {
  const float* bias = nullptr;  ///< One value a channel, like `slope`.
  Activation activation = Activation::kNone;
  const float* slope = nullptr;  ///< Of kSloped.
};

/// Where the taps of a kernel lie.
struct Taps {
  int height = 1;
  int width = 1;
  int stride = 1;    ///< Between outputs, in both directions.
  int dilation = 1;  ///< Between taps, in both directions.
};

/// `weights`: out / block x taps x in x block. `in` and `out` are steps of pixels.
struct RowConvolution {
  Taps taps;
  const float* weights = nullptr;
  int in = 0;
  int out = 0;
  int block = 0;
  RowEnding ending;
};

/// A convolution of every channel by itself. `weights`: taps x channels, no dilation.
struct RowDepthwise {
  Taps taps;
  const float* weights = nullptr;
  int channels = 0;  ///< The step of its pixels.
  RowEnding ending;
};

/// A row to be made, `width` pixels.
struct LayerRow {
  const float* const* input = nullptr;  ///< A row for each row of taps, at the first pixel's tap.
  const float* added = nullptr;         ///< What is added, of the output's step; nullptr: nothing.
  float* output = nullptr;
};

/// The block into which a convolution's output is best cut: a divisor of `out`.
int BlockFor(int out);

/// All rows at once: weights are read once for all of them.
void Run(const RowConvolution& layer, std::span<const LayerRow> rows, int width);

/// Depthwise and then 1x1, without a map between them.
void Run(const RowDepthwise& depthwise, const RowConvolution& pointwise,
         std::span<const LayerRow> rows, int width);

/// The largest of 2x2 pixels, with stride 2: `upper` and `lower` have 2 * `width` pixels.
void MaxPoolRow(const float* upper, const float* lower, int step, int width, float* output);

}  // namespace gpen::kernels
