// Weighted sums along a row of pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/axis_weights.h"

namespace gpen {

class ColumnSums {
 public:
  /// For rows of `width` pixels, which `columns` were made for.
  ColumnSums(const AxisWeights& columns, int width, int channels);

  std::size_t source_samples() const { return source_samples_; }
  std::size_t target_samples() const { return target_samples_; }
  /// Rows have to be so long, since vectors reach beyond the last sample. What lies there is not
  /// used, but must be a number.
  std::size_t SourceFloats() const;
  std::size_t TargetFloats() const;

  void Sum(const float* from, float* to) const;

 private:
  int channels_;
  std::size_t source_samples_;
  std::size_t target_samples_;
  std::size_t taps_ = 0;  // Of every target; those that are not needed weigh nothing.
  // Of each target pixel where vectors hold a pixel, else of each target sample.
  std::vector<std::int32_t> first_;  // Sample of the source.
  std::vector<float> weights_;       // Tap by tap of a pixel, or sample by sample of a tap.
};

}  // namespace gpen
