// Runs independent pieces of work on a few threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace gpen {

/// Calls work(i) once for every i in [0, count), on at most `threads` threads of which the caller
/// is one, and returns when all are done. `work` must be safe to call at the same time for
/// different i, and must not throw.
template <typename Work>
void ParallelFor(int count, int threads, const Work& work) {
  std::atomic<int> next{0};
  const auto run = [&] {
    for (int i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> helpers;
  for (int i = 1; i < std::min(count, threads); ++i) helpers.emplace_back(run);
  run();
}

}  // namespace gpen
