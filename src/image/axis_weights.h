// How the samples along one axis of a picture become those of another size: each is a weighted sum
// of a few neighbours.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace gpen {

/// Of Keys' cubic curve.
constexpr float kCubicParameter = -0.75F;

/// Weights of the four samples around a place `fraction` (0..1) after the second of them, on a
/// cubic curve.
std::array<float, 4> CubicWeights(float fraction);

class AxisWeights {
 public:
  /// Target sample = the sum of weights[i] * source[first + i] over `count` samples.
  struct Taps {
    int first = 0;
    int count = 0;
    const float* weights = nullptr;
  };

  /// The mean over each target sample's part of the source. `target` is at most `source`.
  static AxisWeights Mean(int source, int target);
  /// On a straight line between two, or a cubic curve through four source samples; the ends are
  /// repeated. Never averages: for what is enlarged.
  static AxisWeights Linear(int source, int target);
  static AxisWeights Cubic(int source, int target);

  /// The largest `count` that there is.
  int most_taps() const;
  int size() const { return static_cast<int>(spans_.size()); }
  Taps operator[](int target) const {
    const Span& span = spans_[static_cast<std::size_t>(target)];
    return {span.first, span.count, weights_.data() + span.start};
  }

 private:
  struct Span {
    int first = 0;
    int count = 0;
    std::size_t start = 0;  // In weights_.
  };

  template <typename WeightsAt>
  static AxisWeights Interpolated(int source, int target, const WeightsAt& weights_at);

  std::vector<Span> spans_;
  std::vector<float> weights_;
};

}  // namespace gpen
