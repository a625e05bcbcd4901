// WatchedPlace: photos in watched folders. They are their owners': read where they lie, their
// results put into an output folder, and both looked for anew each time.
#pragma once

#include "photos/photo_place.h"
#include "watching/watched_run.h"

namespace gpen::watching {

class WatchedPlace : public photos::PhotoPlace {
 public:
  explicit WatchedPlace(const RunParts& parts) : parts_(parts) {}

  /// Errors: as WatchedRun::Run().
  Result<jobs::JobResult> Run(const photos::PhotoJob& job,
                              jobs::JobContext& context) const override;
  /// Errors: kNotFound (replaced, moved or deleted), kUnavailable.
  Result<photos::PlacedFile> PlaceOriginal(const photos::PhotoTask& task) const override;
  /// Errors: kNotFound (moved, changed or deleted), kUnavailable.
  Result<photos::PlacedFile> PlaceResult(const photos::PhotoResult& result) const override;
  Result<std::optional<bool>> OutputFolderIsAdjusted(const photos::PhotoTask& task) const override;
  Result<void> ReplaceResult(const photos::PhotoTask& task, std::span<const std::byte> bytes,
                             codec::Format format, photos::ResultKind kind) const override;

 private:
  struct DoneFile {
    const WatchedFolder* folder;
    watch::WatchedRoot root;
    watch::WatchedFile file;
  };
  /// The task's photo and row, while they are still those that it was made from. Errors: kConflict,
  /// kUnavailable.
  Result<DoneFile> FindDone(const photos::PhotoTask& task) const;

  const RunParts parts_;
};

}  // namespace gpen::watching
