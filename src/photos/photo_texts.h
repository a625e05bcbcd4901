// The texts that the queue keeps of a photo's task and result. They are JSON, lie in people's
// databases since version 0.1.0, and are known here alone: everybody else takes a PhotoJob.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "photos/photo_result.h"
#include "photos/photo_task.h"

namespace gpen::photos {

/// A job's payload.
std::string FormatTask(const PhotoTask& task);
/// Errors: kInternal (names no photo), kInvalidArgument (its options make no sense).
Result<PhotoTask> ParseTask(std::string_view text);

/// A done job's result.
std::string FormatResult(const PhotoResult& result);
/// Errors: kInternal.
Result<PhotoResult> ParseResult(std::string_view text);

}  // namespace gpen::photos
