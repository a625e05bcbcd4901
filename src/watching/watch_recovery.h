// Mends what a crash left of watched folders: half-written results, and ledger rows and jobs that
// do not know each other.
#pragma once

#include "base/result.h"
#include "jobs/job_store.h"
#include "watch/ledger.h"
#include "watching/watched_folders.h"

namespace gpen::watching {

/// Call once, before any worker or feeder starts. Errors: those of ledger and store.
Result<void> RecoverWatch(WatchedFolders* folders, watch::Ledger* ledger, jobs::JobStore* store);

}  // namespace gpen::watching
