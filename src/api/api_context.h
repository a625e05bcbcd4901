// ApiContext: what the API's handlers work on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/access_control.h"
#include "api/answer_worker.h"
#include "api/enhance_waiters.h"
#include "api/event_broadcast.h"
#include "api/job_json.h"
#include "api/live_settings.h"
#include "api/partial_uploads.h"
#include "api/public_text.h"
#include "api/request_counts.h"
#include "api/upload.h"
#include "base/clock.h"
#include "heat/heat_governor.h"
#include "heat/quiet_hours.h"
#include "http/connection_counts.h"
#include "jobs/job_remover.h"
#include "jobs/job_store.h"
#include "jobs/worker_pool.h"
#include "people/people.h"
#include "photos/data_folder.h"
#include "photos/handed_out_files.h"
#include "photos/machines.h"
#include "photos/photo_adjuster.h"
#include "photos/photo_models.h"
#include "photos/photo_places.h"
#include "restore/photo_work.h"
#include "restore/speed_record.h"
#include "watch/folder_view.h"

namespace gpen::api {

/// Complete before the first request comes, and not changed from then on. Whoever puts the service
/// together owns what is pointed to, and outlives the router.
struct ApiContext {
  const photos::DataFolder* folder = nullptr;
  jobs::JobStore* store = nullptr;
  jobs::WorkerPool* pool = nullptr;
  heat::HeatGovernor* governor = nullptr;
  const heat::QuietHours* quiet_hours = nullptr;
  const Clock* clock = nullptr;
  AccessControl* access = nullptr;
  people::People* people = nullptr;
  EnhanceWaiters* waiters = nullptr;
  EventBroadcast* events = nullptr;
  PartialUploads* partial_uploads = nullptr;
  const photos::PhotoPlaces* places = nullptr;
  const photos::PhotoAdjuster* adjuster = nullptr;
  std::function<std::vector<watch::FolderView>()> watched_folders;
  const photos::Machines* machines = nullptr;          ///< Null: photos are restored here alone.
  photos::HandedOutFiles* handed_out_files = nullptr;  ///< Null: none go by our addresses.
  RequestCounts* request_counts = nullptr;
  AnswerWorker* pictures = nullptr;
  AnswerWorker* archives = nullptr;  ///< Makes ZIPs.
  jobs::JobRemover* remover = nullptr;
  const PublicText* public_text = nullptr;  ///< Null: clients may read everything.
  restore::PhotoWork* work = nullptr;
  LiveSettings* settings = nullptr;
  const restore::SpeedRecord* speeds = nullptr;  ///< Null: nothing is estimated.
  std::shared_ptr<const http::ConnectionCounts> connections;
  UploadRules upload_rules;
  bool behind_nginx = false;
  bool is_in_network = false;  ///< Others than this machine reach the service.
  std::int64_t keep_days = 0;  ///< Finished photos; 0: for ever.
  std::int64_t bin_days = 0;   ///< What was deleted; 0: there is no bin.
  std::string model_name;      ///< Name and version.
  const photos::PhotoModels* models = nullptr;

  /// Everybody in the network may use the service, without a token.
  bool is_open() const { return is_in_network && !access->needs_token(); }
  JobView job_view() const { return {speeds, public_text, machines, people, keep_days, bin_days}; }
};

}  // namespace gpen::api
