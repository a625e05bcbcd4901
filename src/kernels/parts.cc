#include "kernels/parts.h"

#include <hwy/aligned_allocator.h>

namespace gpen::kernels {

std::vector<Part> CutIntoParts(int rows, int row_parts, int blocks, int block_parts) {
  std::vector<Part> parts;
  for (int r = 0; r < row_parts; ++r) {
    for (int b = 0; b < block_parts; ++b) {
      parts.push_back({rows * r / row_parts, rows * (r + 1) / row_parts, blocks * b / block_parts,
                       blocks * (b + 1) / block_parts});
    }
  }
  return parts;
}

int LargestDivisor(int count, int limit) {
  int divisor = limit < count ? limit : count;
  while (count % divisor != 0) --divisor;
  return divisor;
}

float* Workspace(std::size_t floats) {
  thread_local hwy::AlignedFreeUniquePtr<float[]> memory;
  thread_local std::size_t size = 0;
  if (size < floats) {
    memory.reset();
    memory = hwy::AllocateAligned<float>(floats);
    size = floats;
  }
  return memory.get();
}

}  // namespace gpen::kernels
