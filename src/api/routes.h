// The service's handlers, by what they are about. Each function adds its routes to the router.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "api/access_control.h"
#include "api/enhance_waiters.h"
#include "api/event_broadcast.h"
#include "api/live_settings.h"
#include "api/picture_worker.h"
#include "api/request_counts.h"
#include "api/upload.h"
#include "heat/heat_governor.h"
#include "heat/quiet_hours.h"
#include "http/router.h"
#include "jobs/job_store.h"
#include "jobs/worker_pool.h"
#include "photos/data_folder.h"
#include "photos/placed_file.h"

namespace gpen::watching {
class WatchKeeper;
}

namespace gpen::api {

/// What handlers work on. The service owns all of it and outlives the router.
struct ApiContext {
  const photos::DataFolder* folder = nullptr;
  jobs::JobStore* store = nullptr;
  jobs::WorkerPool* pool = nullptr;
  heat::HeatGovernor* governor = nullptr;
  const heat::QuietHours* quiet_hours = nullptr;
  const Clock* clock = nullptr;
  AccessControl* access = nullptr;
  EnhanceWaiters* waiters = nullptr;
  EventBroadcast* events = nullptr;
  const watching::WatchKeeper* watch = nullptr;
  RequestCounts* request_counts = nullptr;
  PictureWorker* pictures = nullptr;
  LiveSettings* settings = nullptr;
  std::function<int()> open_connections;
  std::function<std::int64_t()> ended_slow_connections;
  UploadRules upload_rules;
  bool behind_nginx = false;
  std::string running_model;  ///< Its name alone, as in the settings.
  std::string model_name;     ///< Name and version.
  std::string model_sha256;
};

/// POST /enhance and GET /outputs/{file}: the original contract.
void AddEnhanceRoutes(const ApiContext* context, http::Router* router);
/// /api/v1/jobs...
void AddJobRoutes(const ApiContext* context, http::Router* router);
/// /api/v1/batches...
void AddBatchRoutes(const ApiContext* context, http::Router* router);
/// Strengths of each face, chosen after the restoration.
void AddBlendRoutes(const ApiContext* context, http::Router* router);
/// Results of many jobs as one file.
void AddZipRoutes(const ApiContext* context, http::Router* router);
/// Settings that the web page changes.
void AddSettingsRoutes(const ApiContext* context, http::Router* router);
/// Before and after at full size, in a kind that browsers show.
void AddPictureRoutes(const ApiContext* context, http::Router* router);
/// /api/v1/events...
void AddEventRoutes(const ApiContext* context, http::Router* router);
/// Health, metrics, the queue as a whole.
void AddSystemRoutes(const ApiContext* context, http::Router* router);
/// The web page and what belongs to it.
void AddAssetRoutes(http::Router* router);
/// /api/v1/watch: the watched folders.
void AddWatchRoutes(const ApiContext* context, http::Router* router);
/// Login, the API's description.
void AddPageRoutes(const ApiContext* context, http::Router* router);

/// All of the above but the assets.
void AddRoutes(const ApiContext* context, http::Router* router);

/// The watched folders' part of /metrics.
std::string WatchMetrics(const ApiContext& context);

/// Hands the photos of `upload` to the queue: all of them or none. `batch` is that which they
/// belong to, or 0.
Result<std::vector<jobs::Submitted>> SubmitPhotos(const ApiContext& context, const Upload& upload,
                                                  jobs::JobPriority priority, jobs::BatchId batch);

/// The photo that the job is about, wherever it lies. Errors: kNotFound (no longer there).
Result<photos::PlacedFile> OriginalOf(const ApiContext& context, const jobs::Job& job);

/// Its bytes. Errors: as OriginalOf(), those of ReadOpenFile().
Result<std::vector<std::byte>> ReadOriginal(const ApiContext& context, const jobs::Job& job);

/// The filter of a list of jobs that the query asks for. Errors: kInvalidArgument.
Result<jobs::JobFilter> ParseJobFilter(const http::Request& request);

/// The results of all done jobs that `filter` lets through, oldest first, as "NAME.zip". Errors:
/// kConflict (there are none), those of the store.
Result<http::Response> ZipOfJobs(const ApiContext& context, jobs::JobFilter filter,
                                 const std::string& name);

/// A file of outputs/, through nginx where it is in front.
http::Response OutputResponse(const ApiContext& context, const http::Request& request,
                              const std::string& file, const std::string& download_name);

/// The whole number that `text` is. Errors: kInvalidArgument, naming `what`.
Result<std::int64_t> ParseWhole(std::string_view what, std::string_view text, std::int64_t least,
                                std::int64_t most);

/// The name of a result for the person who sent `name`: "photo.restored.jpg".
std::string ResultName(std::string_view name, std::string_view output);

}  // namespace gpen::api
