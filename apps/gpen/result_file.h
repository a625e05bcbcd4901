// Puts the result of a photo where it belongs: beside the photo or elsewhere, or in the photo's own
// place, where the original is kept.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "gpen/photo_list.h"

namespace gpen::app {

struct ResultFileOptions {
  bool may_replace = false;  ///< A result that is there already; never a backup.
  bool keep_date = true;     ///< The result gets the photo's time of modification.
};

/// The result gets the photo's owner and mode, and in the photo's own place its extended attributes
/// and access control list, too. There the original is kept as `task.backup`: the very file, with
/// all that it has. Folders that `-d` needs are made.
///
/// Errors: kConflict (the output or the backup exists), kNotFound (no such folder), kUnavailable.
Result<void> PutResult(const PhotoTask& task, std::span<const std::byte> bytes,
                       const ResultFileOptions& options);

}  // namespace gpen::app
