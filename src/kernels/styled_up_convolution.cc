// A decoder level's first convolution: transposed, which doubles the size, then blurred. Every
// input pixel meets each tap once: the four phases of the output have four, two, two and one.
#include <algorithm>
#include <cstddef>

#include "kernels/layers.h"
#include "kernels/parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/styled_up_convolution.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/products-inl.h"
#include "kernels/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gpen::kernels::HWY_NAMESPACE {

// One block of channels of some rows: a few rows of the styled input and of the enlarged map, which
// is 2 * size + 1 in each direction, pass through the workspace.
class UpPart {
 public:
  UpPart(const StyledUpConvolution& layer, const Part& part, float* output)
      : layer_(layer),
        weights_(layer.weights),
        part_(part),
        output_(output),
        step_(PixelStep(weights_.in)),
        styled_floats_(std::ptrdiff_t{layer.input.width + 2} * step_),
        enlarged_floats_(std::ptrdiff_t{2 * layer.input.width + 1} * weights_.block) {
    styled_ = Workspace(static_cast<std::size_t>(kStyledRows * styled_floats_ +
                                                 (kEnlargedRows + 1) * enlarged_floats_));
    enlarged_ = styled_ + kStyledRows * styled_floats_;
    FillZero(enlarged_ + kEnlargedRows * enlarged_floats_, enlarged_floats_);
  }

  void Run() {
    for (block_ = part_.first_block; block_ < part_.end_block; ++block_) {
      // Output row y reads the enlarged rows y - 1 to y + 2.
      int next_output = part_.first_row;
      int row = std::max(0, part_.first_row - 1);
      int m = row / 2;
      StyleInputRow(m - 1);
      for (; next_output < part_.end_row; ++m) {
        StyleInputRow(m);
        EnlargeRow(m, 0);
        if (m < layer_.input.height) EnlargeRow(m, 1);
        const int known = m < layer_.input.height ? 2 * m + 1 : 2 * layer_.input.height + 1;
        for (; next_output < part_.end_row && next_output + 2 <= known; ++next_output) {
          FinishRow(next_output);
        }
      }
    }
  }

 private:
  static constexpr int kStyledRows = 2;
  static constexpr int kEnlargedRows = 6;

  float* StyledRow(int m) { return styled_ + (m + 2) % kStyledRows * styled_floats_; }
  float* EnlargedRow(int y) {
    const bool outside = y < 0 || y > 2 * layer_.input.height;
    return enlarged_ + (outside ? kEnlargedRows : y % kEnlargedRows) * enlarged_floats_;
  }

  void StyleInputRow(int m) {
    StyleRow(layer_.input, m, -1, layer_.input.width + 1, step_, StyledRow(m));
  }

  // Row 2m + phase of the enlarged map. Along an axis phase 0 takes tap 0 of its own input and tap
  // 2 of the one before, phase 1 takes tap 1.
  void EnlargeRow(int m, int phase) {
    for (int column_phase = 0; column_phase < 2; ++column_phase) {
      Tap taps[4];
      int count = 0;
      for (int ky = phase; ky < 3; ky += 2) {
        for (int kx = column_phase; kx < 3; kx += 2) {
          const int k = 3 * ky + kx;
          taps[count++] = {
              StyledRow(m - ky / 2) + (1 - kx / 2) * step_,
              weights_.values + std::ptrdiff_t{9 * block_ + k} * weights_.in * weights_.block};
        }
      }
      const std::ptrdiff_t to_step = 2 * weights_.block;
      float* to = EnlargedRow(2 * m + phase) + column_phase * weights_.block;
      Multiply({taps, count, weights_.in, step_, weights_.block},
               layer_.input.width + 1 - column_phase, [=](auto d, int x, int c, auto sum) HWY_ATTR {
                 hn::StoreU(sum, d, to + x * to_step + c);
               });
    }
  }

  void FinishRow(int y) {
    const int channel = block_ * weights_.block;
    const float* const rows[4] = {EnlargedRow(y - 1), EnlargedRow(y), EnlargedRow(y + 1),
                                  EnlargedRow(y + 2)};
    const int width = 2 * layer_.input.width;
    float* to = output_ + std::ptrdiff_t{y} * width * weights_.out + channel;
    BlurRow(rows, weights_.block, width + 1, 1, weights_.block, layer_.blur, width,
            [&](auto d, int x, int c, auto sum) HWY_ATTR {
              hn::StoreU(Finish(d, sum, layer_.ending, channel + c), d,
                         to + std::ptrdiff_t{x} * weights_.out + c);
            });
  }

  const StyledUpConvolution& layer_;
  const Weights& weights_;
  const Part part_;
  float* const output_;
  const int step_;
  const std::ptrdiff_t styled_floats_;
  const std::ptrdiff_t enlarged_floats_;
  float* styled_ = nullptr;
  float* enlarged_ = nullptr;
  int block_ = 0;
};

void ConvolveUpPart(const StyledUpConvolution& layer, const Part& part, float* output) {
  UpPart(layer, part, output).Run();
}

}  // namespace gpen::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gpen::kernels {

HWY_EXPORT(ConvolveUpPart);

void Run(const StyledUpConvolution& layer, float* output, const Workers& workers) {
  // Parts of rows compute three rows twice; parts of channels only style their input again.
  constexpr int kFewestRows = 32;
  const int height = 2 * layer.input.height;
  const int blocks = layer.weights.out / layer.weights.block;
  const int wanted = (2 * workers.threads + blocks - 1) / blocks;
  const int row_parts = std::clamp(height / kFewestRows, 1, wanted);
  const auto parts = CutIntoParts(height, row_parts, blocks, blocks);
  workers.for_each(static_cast<int>(parts.size()), [&](int i) {
    HWY_DYNAMIC_DISPATCH(ConvolveUpPart)(layer, parts[static_cast<std::size_t>(i)], output);
  });
}

}  // namespace gpen::kernels
#endif
