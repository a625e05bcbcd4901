// PhotoIntake: whether a finished photo needs a run, or was done already under this or another
// name.
//
// Reads the photo only where its size says that it may be known.
#pragma once

#include "base/result.h"
#include "watch/ledger.h"
#include "watch/output_tree.h"

namespace gpen::watch {

enum class IntakeAnswer : std::uint8_t {
  kRun,    ///< Hand it to the queue.
  kNoRun,  ///< The row says what became of it: nothing is to be done.
};

class PhotoIntake {
 public:
  /// Both must outlive this.
  PhotoIntake(Ledger* ledger, const OutputTree* outputs) : ledger_(ledger), outputs_(outputs) {}

  /// Looks at the waiting row `file` of the watched folder `root`. Touched and
  /// renamed photos keep their result, which a rename takes along; results of ours are no photos.
  /// Errors: kUnavailable (the folder or its output is not there now): ask again later.
  Result<IntakeAnswer> Look(const WatchedRoot& root, WatchedFile file) const;

 private:
  /// Stores the row so: no run.
  Result<IntakeAnswer> StoreAs(WatchedFile file, FileState state, const std::string& message) const;

  Ledger* ledger_;
  const OutputTree* outputs_;
};

}  // namespace gpen::watch
