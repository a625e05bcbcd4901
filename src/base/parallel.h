// Runs independent pieces of work on a few threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace gpen {

/// Calls work(i) once for every i in [0, count), on at most `threads` threads of which the caller
/// is one, and returns when all are done. `work` must be safe to call at the same time for
/// different i.
///
/// Where `work` throws, no further piece is begun, and the first exception goes on to the caller
/// when all threads have ended. Where the system has no more threads, fewer do the work.
template <typename Work>
void ParallelFor(int count, int threads, const Work& work) {
  std::atomic<int> next{0};
  std::mutex mutex;  // Guards `first`.
  std::exception_ptr first;
  const auto run = [&]() noexcept {
    try {
      for (int i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const std::scoped_lock lock(mutex);
      if (!first) first = std::current_exception();
    }
  };
  std::vector<std::jthread> helpers;
  try {
    for (int i = 1; i < std::min(count, threads); ++i) helpers.emplace_back(run);
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
  run();
  helpers.clear();  // Waits for them.
  if (first) std::rethrow_exception(first);
}

}  // namespace gpen
