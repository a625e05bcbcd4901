// PhotoTasks: the task `gpen.restore` of Celery, done by the local queue, so that heat, quiet
// hours, equal photos and cancellation mean what they mean everywhere.
//
// The photo is copied into the data folder, a job restores it, and its result is put where the task
// says. A task that comes twice, after a crash, finds what was done. Retries are the broker's, so
// that another machine may do better.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "celery/task_runner.h"
#include "codec/limits.h"
#include "fetch/web_files.h"
#include "jobs/job_store.h"
#include "jobs/worker_pool.h"
#include "photos/data_folder.h"
#include "photos/photo_job.h"
#include "photos/photo_models.h"
#include "photos/photo_places.h"
#include "remote/named_roots.h"
#include "remote/photo_request.h"

namespace gpen::remote {

/// All must outlive PhotoTasks.
struct PhotoTaskParts {
  jobs::JobStore* store;
  const photos::DataFolder* folder;
  const photos::PhotoPlaces* places;
  const NamedRoots* roots;
  const fetch::WebFiles* web;
  codec::Limits limits;
  const photos::PhotoModels* models;
  std::string worker;                      ///< Our name, for results.
  std::function<jobs::Admission()> admit;  ///< What may start now.
};

/// 0 to 2: a person waits; 9: found in a folder; else a batch.
jobs::JobPriority ClassOf(int priority);

class PhotoTasks : public celery::TaskRunner {
 public:
  explicit PhotoTasks(const PhotoTaskParts& parts);

  std::vector<std::string> Names() const override { return {"gpen.restore"}; }
  std::optional<int> LowestPriority() override;
  Result<std::string> Run(const celery::Task& task, celery::TaskContext& context) override;

 private:
  Result<jobs::Job> Submit(const celery::Task& task, const PhotoRequest& request,
                           const photos::ModelChecksums& models, const std::stop_token& stop);
  Result<std::vector<std::byte>> ReadInput(const PhotoRequest& request,
                                           const std::stop_token& stop) const;
  Result<jobs::Job> WaitFor(const jobs::Job& job, int priority, celery::TaskContext& context);
  Result<std::string> Deliver(const celery::Task& task, const PhotoRequest& request,
                              const jobs::Job& job, const std::stop_token& stop) const;
  /// All that was made of the photo, as one file.
  Result<std::vector<std::byte>> Pack(const photos::PhotoJob& photo,
                                      const photos::PhotoResult& result,
                                      std::vector<std::byte> file) const;
  Result<std::string> PutIntoRoot(const celery::Task& task, const PhotoRequest& request,
                                  std::span<const std::byte> bytes,
                                  const std::string& extension) const;

  const PhotoTaskParts parts_;
  std::mutex mutex_;  // Guards news_.
  std::condition_variable_any changed_;
  std::map<jobs::JobId, jobs::JobEvent> news_;  // The last event of each job that is waited for.
  jobs::Subscription subscription_;             // Last: ends before the rest goes.
};

}  // namespace gpen::remote
