// Parallel work that can fail.
#pragma once

#include <mutex>
#include <optional>
#include <utility>

#include "base/parallel.h"
#include "base/result.h"

namespace gpen {

/// ParallelFor of a `work` that returns Result<void>. Errors: the first one, when all have ended.
template <typename Work>
Result<void> ParallelTry(int count, int threads, const Work& work) {
  std::mutex mutex;  // Guards `first`.
  std::optional<Error> first;
  ParallelFor(count, threads, [&](int index) {
    Result<void> done = work(index);
    if (done) return;
    const std::scoped_lock lock(mutex);
    if (!first) first = std::move(done).error();
  });
  if (first) return std::move(*first);
  return {};
}

}  // namespace gpen
