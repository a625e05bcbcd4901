// Guarded: where an exception must not go further, such as the end of a thread, it becomes an
// Error.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <new>
#include <string_view>

#include "base/result.h"

namespace gpen {

/// What `work` returns, a Result. `what` names the work in messages ("the job"). Errors beside
/// those of `work`: kOutOfMemory (std::bad_alloc), kInternal (every other exception).
template <typename Work>
auto Guarded(std::string_view what, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kOutOfMemory, fmt::format("not enough memory for {}", what));
  } catch (const std::exception& exception) {
    return Error(ErrorCode::kInternal, fmt::format("unexpected in {}: {}", what, exception.what()));
  } catch (...) {
    return Error(ErrorCode::kInternal, fmt::format("unexpected in {}", what));
  }
}

}  // namespace gpen
