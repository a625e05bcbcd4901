// WatchedRun: the run of one job about a watched photo: read where it lies, restored, the result
// put into the output folder.
//
// The photo is read once. A run that is repeated after a crash finds what was done, and one of an
// older generation delivers nothing. Belongs to one worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "codec/photo.h"
#include "jobs/job_context.h"
#include "jobs/job_store.h"
#include "photos/photo_job.h"
#include "photos/photo_models.h"
#include "photos/photo_runner.h"
#include "watch/ledger.h"
#include "watching/watched_folders.h"

namespace gpen::watching {

/// What runs work with; all of it must outlive them.
struct RunParts {
  const WatchedFolders* folders;
  watch::Ledger* ledger;
  jobs::JobStore* store;
  const photos::PhotoRunner* runner;
  const Clock* clock;
  const photos::PhotoModels* models;
  /// Faces of watched photos are kept while uploads and results take less: they must not push out
  /// what people uploaded. 0: always.
  std::int64_t max_bytes_with_faces = 0;
};

class WatchedRun {
 public:
  /// `job` is about an ExternalPhoto. All must outlive this.
  WatchedRun(const RunParts& parts, const photos::PhotoJob& job, jobs::JobContext& context);

  /// Where the photo was replaced or went away, the job is cancelled. Call once. Errors: those of
  /// PhotoRunner::Restore, kUnavailable (folder or output), kInvalidArgument (the folder is not
  /// watched any more).
  Result<jobs::JobResult> Run();

 private:
  Result<jobs::JobResult> RunInFolder();
  /// True where the row says that the result is in place already.
  Result<bool> TakeDelivered();
  Result<std::vector<std::byte>> ReadPhoto() const;
  /// Takes the result of an equal photo with equal options, where one lies in an output: true.
  Result<bool> Reuse(std::span<const std::byte> photo);
  Result<void> TakeOver(jobs::JobId other);
  Result<void> Restore(std::span<const std::byte> photo);
  Result<void> SkipWithoutFaces();
  Result<bool> HasRoomForFaces() const;
  Result<jobs::JobResult> Finish();
  /// The photo changed or went away: nobody's failure. What is there now has to settle.
  Error GiveUp(const Error& reason);

  const RunParts& parts_;
  const photos::PhotoJob& job_;
  const photos::ExternalPhoto photo_;
  jobs::JobContext& context_;

  // Set in this order, as the run goes on.
  watch::WatchedFile file_;
  const WatchedFolder* folder_ = nullptr;
  watch::WatchedRoot root_;
  std::string sha256_;
  std::string key_;  ///< Equal keys: equal results.
  photos::PhotoResult result_;
  std::int64_t faces_bytes_ = 0;
};

/// The extension that a result of `format` gets; empty where it keeps the photo's name: "A.JPG"
/// stays what it is.
std::string ExtensionFor(const watch::WatchedFile& file, const restore::PhotoOptions& options,
                         codec::Format format);

}  // namespace gpen::watching
