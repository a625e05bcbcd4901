#include "service/opened_queue.h"

#include <utility>

#include "jobs/sqlite_job_store.h"
#include "jobs/worker_identity.h"
#include "photos/queue_match.h"

namespace gpen::service {

Result<OpenedQueue> OpenQueue(const Configuration& configuration, const photos::DataFolder& folder,
                              const Clock& clock, jobs::JobFiles& files,
                              std::vector<std::string>* notices) {
  jobs::JobStoreOptions options;
  options.max_queued = configuration.max_queued;
  jobs::SqliteOptions sqlite;
  sqlite.file = configuration.database.empty() ? folder.database() : configuration.database;
  auto opened = jobs::OpenSqliteJobStore(sqlite, options, clock, files);
  if (!opened) return std::move(opened).error().WithContext("data.database");
  if (!opened->notice.empty()) {
    notices->push_back("data.database (GPEN_DATABASE): " + opened->notice);
  }
  GPEN_TRY(photos::CheckQueueMatches(folder, {sqlite.file, opened->identity, opened->is_empty}));
  OpenedQueue queue{std::move(opened->store), {}};
  GPEN_ASSIGN_OR_RETURN(queue.mended, queue.store->Reconcile([](const std::string& owner) {
    return jobs::IsWorkerAlive(owner);
  }));
  return queue;
}

}  // namespace gpen::service
