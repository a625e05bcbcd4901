#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gpen::restore {

/// Of an even number of values the higher of the two in the middle; 0 of none. They are reordered.
inline float Median(std::vector<float>* values) {
  if (values->empty()) return 0;
  const auto middle = values->begin() + static_cast<std::ptrdiff_t>(values->size() / 2);
  std::ranges::nth_element(*values, middle);
  return *middle;
}

}  // namespace gpen::restore
