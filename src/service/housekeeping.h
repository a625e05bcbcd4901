// What the service does beside the work: answers that are overdue, uploads that were given up, jobs
// that were kept long enough, the daily copy of the queue, tokens that were withdrawn.
#pragma once

#include <stop_token>

#include "api/enhance_waiters.h"
#include "api/event_broadcast.h"
#include "api/partial_uploads.h"
#include "base/clock.h"
#include "jobs/job_store.h"
#include "jobs/worker_pool.h"
#include "people/people.h"
#include "photos/data_folder.h"
#include "service/configuration.h"

namespace gpen::service {

/// All must outlive KeepHouse().
struct Housekeeping {
  const Configuration* configuration;
  const Clock* clock;
  const photos::DataFolder* folder;
  jobs::JobStore* store;
  const jobs::WorkerPool* pool;
  api::EnhanceWaiters* waiters;
  people::People* people;
  api::EventBroadcast* events;
  api::PartialUploads* partial_uploads;
};

/// Goes on until it is asked to stop. What cannot be done now is tried again next time; what was
/// deleted, what went wrong, and why photos are held, is said on standard error.
void KeepHouse(const Housekeeping& housekeeping, std::stop_token stop);

}  // namespace gpen::service
