#include "base/error_table.h"

#include <array>

namespace gpen {
namespace {

constexpr std::array kTable = {
    ErrorTraits{ErrorCode::kInvalidArgument, "invalid_argument", 400, ExitCode::kUsage, false},
    ErrorTraits{ErrorCode::kUnsupportedFormat, "unsupported_format", 415, ExitCode::kSomeFailed,
                false},
    ErrorTraits{ErrorCode::kCorruptImage, "corrupt_image", 422, ExitCode::kSomeFailed, false},
    ErrorTraits{ErrorCode::kImageTooLarge, "image_too_large", 413, ExitCode::kSomeFailed, false},
    ErrorTraits{ErrorCode::kNoFaceFound, "no_face_found", 422, ExitCode::kSomeFailed, false},
    ErrorTraits{ErrorCode::kModelMissing, "model_missing", 503, ExitCode::kSomeFailed, false},
    ErrorTraits{ErrorCode::kModelInvalid, "model_invalid", 500, ExitCode::kSomeFailed, false},
    ErrorTraits{ErrorCode::kOutOfMemory, "out_of_memory", 507, ExitCode::kSomeFailed, true},
    ErrorTraits{ErrorCode::kQueueFull, "queue_full", 429, ExitCode::kSomeFailed, true},
    ErrorTraits{ErrorCode::kNotFound, "not_found", 404, ExitCode::kSomeFailed, false},
    ErrorTraits{ErrorCode::kConflict, "conflict", 409, ExitCode::kSomeFailed, false},
    ErrorTraits{ErrorCode::kCancelled, "cancelled", 409, ExitCode::kInterrupted, false},
    ErrorTraits{ErrorCode::kUnavailable, "unavailable", 503, ExitCode::kSomeFailed, true},
    ErrorTraits{ErrorCode::kInternal, "internal", 500, ExitCode::kSomeFailed, false},
};

// The index is the code, which error_table_test checks row by row.
static_assert(kTable.size() == static_cast<std::size_t>(ErrorCode::kInternal) + 1);

}  // namespace

const ErrorTraits& TraitsOf(ErrorCode code) { return kTable[static_cast<std::size_t>(code)]; }

}  // namespace gpen
