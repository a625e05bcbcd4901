// The rise that masks and limits use where a step would show.
#pragma once

#include <algorithm>

namespace gpen {

/// 0 up to `low`, 1 from `high` on, smooth between and level at both ends.
template <typename Real>
Real SmoothStep(Real low, Real high, Real value) {
  const Real t = std::clamp((value - low) / (high - low), Real{0}, Real{1});
  return t * t * (3 - 2 * t);
}

}  // namespace gpen
