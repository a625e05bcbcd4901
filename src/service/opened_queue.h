// The queue of a data folder as a program finds it at its start: checked, and mended after a crash.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job_files.h"
#include "jobs/job_store.h"
#include "photos/data_folder.h"
#include "service/configuration.h"

namespace gpen::service {

struct OpenedQueue {
  std::unique_ptr<jobs::JobStore> store;
  jobs::ReconcileReport mended;
};

/// `clock` and `files` must outlive the queue; the folder's lock says that nobody else works on it.
/// Errors: those of OpenSqliteJobStore, CheckQueueMatches and JobStore::Reconcile.
Result<OpenedQueue> OpenQueue(const Configuration& configuration, const photos::DataFolder& folder,
                              const Clock& clock, jobs::JobFiles& files,
                              std::vector<std::string>* notices);

}  // namespace gpen::service
