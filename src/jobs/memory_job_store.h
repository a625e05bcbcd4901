// MemoryJobStore: the queue without a disk, for tests and for a service that need not remember.
#pragma once

#include "jobs/table_job_store.h"

namespace gpen::jobs {

class MemoryJobStore : public TableJobStore {
 public:
  /// `clock` and `files` must outlive the store.
  MemoryJobStore(const JobStoreOptions& options, const Clock& clock, JobFiles& files);
};

}  // namespace gpen::jobs
