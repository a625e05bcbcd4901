// The one table that says what each ErrorCode means to HTTP clients, shells and the queue.
#pragma once

#include "base/result.h"

namespace gpen {

/// Process exit codes of `gpen`.
enum class ExitCode : int {
  kOk = 0,           ///< Everything asked for was done.
  kSomeFailed = 1,   ///< At least one photo failed; the rest was done.
  kUsage = 2,        ///< Bad usage: nothing was started.
  kNothingToDo = 3,  ///< No photo matched, or all results were there already.
  kInterrupted = 130,
};

struct ErrorTraits {
  ErrorCode code;
  std::string_view name;  ///< Stable identifier for JSON: "corrupt_image".
  int http_status;
  ExitCode exit_code;
  bool retryable;  ///< The same request may succeed later without a change.
};

/// Traits of `code`. Total: every code has a row.
const ErrorTraits& TraitsOf(ErrorCode code);

}  // namespace gpen
