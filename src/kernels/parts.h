// How a layer is cut into parts that run at the same time, and the memory that a part works in.
#pragma once

#include <cstddef>
#include <vector>

namespace gpen::kernels {

/// A rectangle of a layer's output: rows times blocks of channels.
struct Part {
  int first_row = 0;
  int end_row = 0;
  int first_block = 0;
  int end_block = 0;
};

/// Cuts `rows` into `row_parts` and `blocks` into `block_parts`, nearly equal.
std::vector<Part> CutIntoParts(int rows, int row_parts, int blocks, int block_parts);

/// The largest divisor of `count` that is at most `limit`.
int LargestDivisor(int count, int limit);

/// Uninitialised memory for one part, aligned for vectors; it is the calling thread's, and is taken
/// over by the next call.
float* Workspace(std::size_t floats);

/// Distance between pixels of `channels` in a workspace: not a power of two, which would put all
/// pixels into the same lines of the cache.
constexpr int PixelStep(int channels) { return channels + 16; }

}  // namespace gpen::kernels
