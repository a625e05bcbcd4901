#include "image/axis_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace gpen {

std::array<float, 4> CubicWeights(float fraction) {
  constexpr float kA = kCubicParameter;
  const auto near = [](float distance) {
    return ((kA + 2) * distance - (kA + 3)) * distance * distance + 1;
  };
  const float before = fraction + 1;
  const float first = ((kA * before - 5 * kA) * before + 8 * kA) * before - 4 * kA;
  const float second = near(fraction);
  const float third = near(1 - fraction);
  return {first, second, third, 1 - first - second - third};
}

AxisWeights AxisWeights::Mean(int source, int target) {
  AxisWeights axis;
  // In parts of which a source sample has `target` and a target sample `source`: no rounding.
  for (std::int64_t i = 0; i < target; ++i) {
    const std::int64_t begin = i * source;
    const std::int64_t end = begin + source;
    const std::int64_t first = begin / target;
    const std::int64_t last = (end - 1) / target;
    axis.spans_.push_back(
        {static_cast<int>(first), static_cast<int>(last - first + 1), axis.weights_.size()});
    for (std::int64_t from = first; from <= last; ++from) {
      const auto common = std::min((from + 1) * target, end) - std::max(from * target, begin);
      axis.weights_.push_back(static_cast<float>(common) / static_cast<float>(source));
    }
  }
  return axis;
}

template <typename WeightsAt>
AxisWeights AxisWeights::Interpolated(int source, int target, const WeightsAt& weights_at) {
  AxisWeights axis;
  for (int i = 0; i < target; ++i) {
    const double place = (i + 0.5) * source / target - 0.5;
    const double floor = std::floor(place);
    const auto weights = weights_at(static_cast<float>(place - floor));
    const int begin = static_cast<int>(floor) - static_cast<int>(weights.size() / 2) + 1;
    const auto inside = [&](int at) { return std::clamp(at, 0, source - 1); };
    const int first = inside(begin);
    const int count = inside(begin + static_cast<int>(weights.size()) - 1) - first + 1;
    const std::size_t start = axis.weights_.size();
    axis.spans_.push_back({first, count, start});
    axis.weights_.resize(start + static_cast<std::size_t>(count));
    // What lies beyond an end counts for the sample at that end.
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const int at = inside(begin + static_cast<int>(k)) - first;
      axis.weights_[start + static_cast<std::size_t>(at)] += weights[k];
    }
  }
  return axis;
}

AxisWeights AxisWeights::Linear(int source, int target) {
  return Interpolated(source, target, [](float fraction) {
    return std::array<float, 2>{1 - fraction, fraction};
  });
}

AxisWeights AxisWeights::Cubic(int source, int target) {
  return Interpolated(source, target, CubicWeights);
}

int AxisWeights::most_taps() const {
  int most = 0;
  for (const Span& span : spans_) most = std::max(most, span.count);
  return most;
}

}  // namespace gpen
