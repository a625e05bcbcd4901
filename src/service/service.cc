#include "service/service.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "api/routes.h"
#include "api/submission.h"
#include "base/cpu.h"
#include "base/file_system.h"
#include "base/guarded.h"
#include "http/server.h"
#include "jobs/background_thread.h"
#include "jobs/sqlite_job_store.h"
#include "jobs/worker_identity.h"
#include "nn/precision_record.h"
#include "photos/photo_adjuster.h"
#include "photos/photo_files.h"
#include "photos/photo_places.h"
#include "photos/photo_runner.h"
#include "photos/queue_match.h"
#include "photos/startup_sweep.h"
#include "photos/uploaded_place.h"
#include "restore/photo_restorer.h"
#include "service/housekeeping.h"
#include "service/settings_file.h"
#include "watching/watch_feeder.h"
#include "watching/watch_recovery.h"
#include "watching/watched_folders.h"
#include "watching/watched_place.h"

namespace gpen::service {
namespace {

// What the disk, heat and quiet hours let start now.
jobs::Admission Admit(const photos::DataFolder& folder, heat::HeatGovernor* governor,
                      const heat::QuietHours& quiet_hours, const Clock& clock) {
  jobs::Admission admission;
  // A job that cannot store its result would compute for nothing, and use up its attempts.
  if (const auto storable = folder.CheckStorable(); !storable) {
    admission.lowest.reset();
    admission.reason = storable.error().message();
    return admission;
  }
  const auto heat = governor->Read();
  if (heat.action == heat::HeatAction::kStop) {
    admission.lowest.reset();
    admission.interrupt_running = true;
    admission.reason = heat.message;
    return admission;
  }
  if (heat.action == heat::HeatAction::kSlowDown) {
    admission.extra_pause = heat.extra_pause;
    admission.reason = heat.message;
  }
  const auto quiet = quiet_hours.At(clock.Now());
  if (quiet.quiet) {
    admission.lowest = jobs::JobPriority::kInteractive;
    admission.interrupt_running = true;
    admission.reason = quiet.message;
  }
  return admission;
}

http::Fields DefaultHeaders() {
  return {{"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"X-Frame-Options", "DENY"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Content-Security-Policy",
           "default-src 'none'; img-src 'self' blob:; style-src 'self'; script-src 'self'; "
           "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; "
           "base-uri 'none'; frame-ancestors 'none'"}};
}

}  // namespace

// In the order of start; destroyed the other way round.
struct Service::Parts {
  explicit Parts(const Configuration& chosen) : configuration(chosen) {}

  Configuration configuration;
  SystemClock clock;
  std::vector<std::string> notices;
  std::optional<photos::DataFolder> folder;
  std::optional<SettingsFile> settings;
  std::optional<photos::PhotoFiles> files;
  std::unique_ptr<jobs::JobStore> store;
  std::unique_ptr<restore::PhotoRestorer> restorer;
  std::optional<photos::PhotoRunner> runner;
  std::unique_ptr<watch::Ledger> ledger;
  std::optional<watching::WatchedFolders> watched_folders;
  std::optional<photos::UploadedPlace> uploaded;
  std::optional<watching::WatchedPlace> watched;
  std::optional<photos::PhotoPlaces> places;
  std::optional<photos::PhotoAdjuster> adjuster;
  std::optional<watching::WatchFeeder> feeder;
  std::optional<heat::HeatGovernor> governor;
  heat::QuietHours quiet_hours;
  std::optional<jobs::WorkerPool> pool;
  std::optional<api::AccessControl> access;
  std::optional<api::EnhanceWaiters> waiters;
  std::optional<api::EventBroadcast> events;
  jobs::Subscription finished;
  api::RequestCounts request_counts;
  api::PictureWorker pictures;
  std::optional<api::PartialUploads> partial_uploads;
  std::atomic<int> uploads_running = 0;
  api::ApiContext context;
  std::unique_ptr<http::Server> server;
  std::jthread housekeeper;

  Result<void> OpenStore();
  Result<void> LoadNetworks();
  Result<void> LoadNetworksInBackground();
  Result<void> OpenWatch();
  void OpenPlaces();
  void StartWorkers();
  Result<void> StartServer();
};

Result<void> Service::Parts::OpenStore() {
  GPEN_ASSIGN_OR_RETURN(auto opened, photos::DataFolder::Open(configuration.data_folder,
                                                              configuration.disk_reserve_bytes));
  folder.emplace(std::move(opened));
  settings.emplace(folder->settings(), &configuration, &notices);
  files.emplace(&*folder);
  jobs::JobStoreOptions options;
  options.max_queued = configuration.max_queued;
  jobs::SqliteOptions sqlite;
  sqlite.file = configuration.database.empty() ? folder->database() : configuration.database;
  auto opened_store = jobs::OpenSqliteJobStore(sqlite, options, clock, *files);
  if (!opened_store) return std::move(opened_store).error().WithContext("data.database");
  if (!opened_store->notice.empty()) {
    notices.push_back("data.database (GPEN_DATABASE): " + opened_store->notice);
  }
  GPEN_TRY(photos::CheckQueueMatches(
      *folder, {sqlite.file, opened_store->identity, opened_store->is_empty}));
  store = std::move(opened_store->store);
  // The folder's lock says that no other process works on this queue.
  GPEN_ASSIGN_OR_RETURN(const auto mended, store->Reconcile([](const std::string& owner) {
    return jobs::IsWorkerAlive(owner);
  }));
  if (mended.requeued > 0) {
    notices.push_back(fmt::format("{} jobs that were interrupted go on", mended.requeued));
  }
  GPEN_ASSIGN_OR_RETURN(const auto swept, photos::SweepLeftovers(store.get(), *folder));
  if (swept.uploads + swept.results > 0) {
    notices.push_back(fmt::format("{} uploads and {} results without a job were set aside in {}",
                                  swept.uploads, swept.results, folder->lost().string()));
  }
  if (mended.results_missing > 0) {
    notices.push_back(fmt::format("{} results have vanished", mended.results_missing));
  }
  return {};
}

Result<void> Service::Parts::LoadNetworks() {
  restore::RestorerOptions options;
  options.models_folder = configuration.models_folder;
  options.model = configuration.model;
  options.precision_record = nn::PrecisionRecordPath();
  options.threads = configuration.threads > 0 ? configuration.threads : AvailableCpus();
  options.limits.max_file_bytes = configuration.max_upload_bytes;
  options.limits.max_pixels = configuration.max_pixels;
  GPEN_ASSIGN_OR_RETURN(restorer, restore::PhotoRestorer::Create(options));
  runner.emplace(restorer.get(), &*folder, options.limits);
  context.upload_rules = {&*folder, options.limits, configuration.max_photos_per_request,
                          configuration.max_uploads, &uploads_running};
  context.model_name = restorer->networks().Names();
  context.model_sha256 = {restorer->networks().Fingerprint(),
                          restore::PhotoModelsFingerprint(options.models_folder)};
  return {};
}

// The networks' own threads have the priority of the thread that loads them, for ever.
Result<void> Service::Parts::LoadNetworksInBackground() {
  Result<void> loaded;
  std::thread([&] {
    // What could not be lowered is not worth failing for: the work is the same.
    jobs::LowerThisThread();
    loaded = Guarded("the networks", [&] { return LoadNetworks(); });
  }).join();
  return loaded;
}

Result<void> Service::Parts::OpenWatch() {
  // Flags and variables may have moved the data folder since the file was read.
  GPEN_TRY(watching::CompleteWatchSettings(configuration.data_folder, &configuration.watch));
  // Beside the queue's database, which is on a disk that is fit for it.
  const auto database =
      configuration.database.empty() ? folder->database() : configuration.database;
  std::error_code error;
  const auto beside = std::filesystem::absolute(database, error).parent_path();
  if (error) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot find {}: {}", database.string(), error.message()));
  }
  GPEN_ASSIGN_OR_RETURN(const auto magic, FileSystemMagic(beside));
  GPEN_ASSIGN_OR_RETURN(ledger,
                        watch::Ledger::Open(beside / "watch.db", clock, magic == kFuseMagic));
  watched_folders.emplace(configuration.watch, ledger.get(), clock);
  feeder.emplace(&*watched_folders, watching::FeederParts{ledger.get(), store.get(), &clock});
  return watching::RecoverWatch(&*watched_folders, ledger.get(), store.get());
}

void Service::Parts::OpenPlaces() {
  uploaded.emplace(&*folder, &*runner);
  watched.emplace(watching::RunParts{&*watched_folders, ledger.get(), store.get(), &*runner, &clock,
                                     context.model_sha256, configuration.keep_bytes / 2});
  places.emplace(&*uploaded, &*watched);
  adjuster.emplace(&*folder, &*places, runner->limits(), &restorer->whole_photo());
}

void Service::Parts::StartWorkers() {
  jobs::WorkerPoolOptions options;
  options.pause_between = std::chrono::seconds(configuration.pause_between_seconds);
  pool.emplace(
      *store, clock, options,
      [this](const jobs::Job& job, jobs::JobContext& job_context) {
        return places->Run(job, job_context);
      },
      [this] { return Admit(*folder, &*governor, quiet_hours, clock); });
  waiters.emplace(std::chrono::seconds(configuration.enhance_wait_seconds));
  events.emplace(store.get(), configuration.max_event_streams);
  finished = store->Subscribe([this](const jobs::JobEvent& event) {
    if (event.job == 0 || !jobs::IsFinished(event.state) || !waiters->IsAwaited(event.job)) return;
    if (const auto job = store->Find(event.job); job && jobs::IsFinished(job->state)) {
      waiters->Answer(*job);
    }
  });
  pool->Start();
  feeder->Start();
}

Result<void> Service::Parts::StartServer() {
  access.emplace(configuration.token, configuration.allowed_hosts, configuration.behind_nginx);
  context.behind_nginx = configuration.behind_nginx;
  context.keep_days = configuration.keep_days;
  context.running_model = configuration.model;
  context.folder = &*folder;
  context.store = store.get();
  context.pool = &*pool;
  context.governor = &*governor;
  context.quiet_hours = &quiet_hours;
  context.clock = &clock;
  context.access = &*access;
  context.waiters = &*waiters;
  context.events = &*events;
  context.places = &*places;
  context.adjuster = &*adjuster;
  context.watched_folders = [this] { return watched_folders->View(); };
  context.request_counts = &request_counts;
  context.pictures = &pictures;
  partial_uploads.emplace(
      &context.upload_rules, &clock,
      [this](const api::Upload& upload, const std::string& name, Result<api::ReceivedPhoto> photo) {
        return api::SubmitPhoto(context, upload, name, std::move(photo));
      });
  context.partial_uploads = &*partial_uploads;
  context.settings = &*settings;
  auto router = std::make_shared<http::Router>();
  router->AddGuard([this](const http::Request& request) { return access->Check(request); });
  api::AddRoutes(&context, router.get());
  api::AddAssetRoutes(router.get());
  http::ServerOptions options;
  options.host = configuration.host;
  options.port = configuration.port;
  options.max_connections = configuration.max_connections;
  options.max_connections_per_address = configuration.max_connections_per_address;
  options.default_headers = DefaultHeaders();
  // Requests may come before Start() has returned: what handlers read is there by then.
  context.connections = options.connection_counts;
  options.on_finished = [this](const http::FinishedRequest& request) {
    request_counts.Add(request.request.route, request.status);
  };
  GPEN_ASSIGN_OR_RETURN(server, http::Server::Start(options, router));
  if (!access->needs_token() && !http::IsLoopback(configuration.host)) {
    notices.push_back(
        "WARNING: everybody who can reach this machine may use the service: set a token with "
        "GPEN_TOKEN, or listen on this machine alone with --host 127.0.0.1");
  }
  return {};
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Service>> Service::Start(const Configuration& configuration) {
  auto parts = std::make_unique<Parts>(configuration);
  GPEN_TRY(parts->OpenStore());
  GPEN_TRY(parts->LoadNetworksInBackground());
  GPEN_TRY(parts->OpenWatch());
  parts->OpenPlaces();
  heat::HeatOptions heat;
  heat.enabled = configuration.heat_enabled;
  heat.sys = configuration.sys_folder;
  heat.default_limit_celsius = configuration.heat_limit_celsius;
  parts->governor.emplace(heat, parts->clock);
  if (const auto status = parts->governor->Read(); status.enabled && !status.has_sensor) {
    parts->notices.push_back(status.message);
  }
  GPEN_ASSIGN_OR_RETURN(parts->quiet_hours, heat::QuietHours::Parse(configuration.quiet_hours));
  parts->StartWorkers();
  GPEN_TRY(parts->StartServer());
  parts->housekeeper =
      std::jthread([housekeeping = Housekeeping{.configuration = &parts->configuration,
                                                .clock = &parts->clock,
                                                .folder = &*parts->folder,
                                                .store = parts->store.get(),
                                                .waiters = &*parts->waiters,
                                                .partial_uploads = &*parts->partial_uploads}](
                       std::stop_token stop) { KeepHouse(housekeeping, stop); });
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

Service::~Service() {
  parts_->housekeeper = {};
  parts_->server.reset();  // First: nobody asks the rest any more.
  parts_->feeder->Stop();
  parts_->pool->Stop();
}

int Service::port() const { return parts_->server->port(); }

const std::vector<std::string>& Service::notices() const { return parts_->notices; }

}  // namespace gpen::service
