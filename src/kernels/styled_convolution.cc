// A decoder level's second convolution: Winograd's F(4x4, 3x3) for large maps, the plain sum for
// small ones, whose weights are larger than their maps.
#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/layers.h"
#include "kernels/parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/styled_convolution.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/products-inl.h"
#include "kernels/rows-inl.h"
#include "kernels/winograd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gpen::kernels::HWY_NAMESPACE {

// One block of channels of some rows.
void ConvolvePart(const StyledConvolution& layer, const Part& part, float* output) {
  const Weights& weights = layer.weights;
  const int width = layer.input.width;
  const int step = PixelStep(weights.in);
  const std::ptrdiff_t row_floats = std::ptrdiff_t{width + 2} * step;
  constexpr int kRows = 3;
  float* rows = Workspace(static_cast<std::size_t>(kRows * row_floats));
  const auto row_at = [&](int y) { return rows + (y + 1) % kRows * row_floats; };
  const auto style_row = [&](int y) { StyleRow(layer.input, y, -1, width + 1, step, row_at(y)); };
  const std::ptrdiff_t tap_floats = std::ptrdiff_t{weights.in} * weights.block;
  for (int block = part.first_block; block < part.end_block; ++block) {
    const int channel = block * weights.block;
    style_row(part.first_row - 1);
    style_row(part.first_row);
    for (int y = part.first_row; y < part.end_row; ++y) {
      style_row(y + 1);
      Tap taps[9];
      for (int k = 0; k < 9; ++k) {
        taps[k] = {row_at(y + k / 3 - 1) + k % 3 * step,
                   weights.values + (9 * block + k) * tap_floats};
      }
      float* row = output + std::ptrdiff_t{y} * width * weights.out + channel;
      Multiply({taps, 9, weights.in, step, weights.block}, width,
               [&](auto d, int x, int c, auto sum) HWY_ATTR {
                 hn::StoreU(Finish(d, sum, layer.ending, channel + c), d,
                            row + std::ptrdiff_t{x} * weights.out + c);
               });
    }
  }
}

void TransformWeights(const Weights& weights, int block, float* transformed) {
  TransformWinogradWeights(weights, block, transformed);
}

void ConvolveTiles(const StyledConvolution& layer, const TileRange& tiles, float* output) {
  ConvolveWinogradTiles(layer, tiles, output);
}

}  // namespace gpen::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gpen::kernels {

HWY_EXPORT(ConvolvePart);
HWY_EXPORT(TransformWeights);
HWY_EXPORT(ConvolveTiles);

bool IsWinogradWorthIt(int height, int width) {
  return height % kWinogradOutputs == 0 && width % kWinogradOutputs == 0 && height * width >= 1024;
}

WinogradWeights::WinogradWeights(const Weights& weights, const Workers& workers)
    : values_(std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(kWinogradProducts) *
                                                      static_cast<std::size_t>(weights.in) *
                                                      static_cast<std::size_t>(weights.out))) {
  workers.for_each(weights.out / weights.block, [&](int block) {
    HWY_DYNAMIC_DISPATCH(TransformWeights)(weights, block, values_.get());
  });
}

void Run(const StyledConvolution& layer, float* output, const Workers& workers) {
  const int height = layer.input.height;
  if (layer.winograd != nullptr) {
    const auto ranges = CutIntoTileRanges(height, layer.input.width, workers.threads);
    workers.for_each(static_cast<int>(ranges.size()), [&](int i) {
      HWY_DYNAMIC_DISPATCH(ConvolveTiles)(layer, ranges[static_cast<std::size_t>(i)], output);
    });
    return;
  }
  const int blocks = layer.weights.out / layer.weights.block;
  const int row_parts = std::min(height, (workers.threads + blocks - 1) / blocks);
  const auto parts = CutIntoParts(height, row_parts, blocks, blocks);
  workers.for_each(static_cast<int>(parts.size()), [&](int i) {
    HWY_DYNAMIC_DISPATCH(ConvolvePart)(layer, parts[static_cast<std::size_t>(i)], output);
  });
}

}  // namespace gpen::kernels
#endif
