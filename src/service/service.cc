#include "service/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "api/reach.h"
#include "api/routes.h"
#include "api/submission.h"
#include "base/file_system.h"
#include "base/guarded.h"
#include "http/server.h"
#include "photos/photo_adjuster.h"
#include "photos/photo_files.h"
#include "photos/photo_places.h"
#include "photos/photo_runner.h"
#include "photos/startup_sweep.h"
#include "photos/uploaded_place.h"
#include "service/admission.h"
#include "service/handing_out.h"
#include "service/housekeeping.h"
#include "service/opened_queue.h"
#include "service/photo_processes.h"
#include "service/settings_file.h"
#include "watching/watch_feeder.h"
#include "watching/watch_recovery.h"
#include "watching/watched_folders.h"
#include "watching/watched_place.h"

namespace gpen::service {
namespace {

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

// packaging/fail2ban/ reads these lines: keep their form.
void LogRefusal(std::string_view address, std::string_view why) {
  fmt::print(stderr, "refused login from {}: {}\n", address, why);
}

// Of the folders that messages may name.
std::vector<api::PublicText::Folder> NamedFolders(const Configuration& configuration,
                                                  const photos::DataFolder& folder) {
  std::vector<api::PublicText::Folder> folders = {
      {folder.root(), "the data folder"},
      {configuration.models_folder, "the folder of the models"}};
  for (const auto& watched : configuration.watch) {
    folders.push_back({watched.folder.path, "the watched folder " + watched.folder.name});
    if (watched.folder.output.is_absolute()) {
      folders.push_back({watched.folder.output, "the output folder of " + watched.folder.name});
    }
  }
  return folders;
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
  std::unique_ptr<people::People> people;
  std::optional<photos::PhotoFiles> files;
  std::unique_ptr<jobs::JobStore> store;
  std::unique_ptr<sandbox::ChildPhotoWork> work;
  std::optional<photos::PhotoModels> models;
  std::optional<restore::SpeedRecord> speeds;
  std::optional<photos::PhotoRunner> runner;
  std::unique_ptr<watch::Ledger> ledger;
  std::optional<watching::WatchedFolders> watched_folders;
  std::optional<photos::UploadedPlace> uploaded;
  std::optional<watching::WatchedPlace> watched;
  std::optional<photos::PhotoPlaces> places;
  std::optional<photos::PhotoAdjuster> adjuster;
  std::optional<watching::WatchFeeder> feeder;
  std::unique_ptr<AdmissionGate> gate;
  std::optional<jobs::WorkerPool> pool;
  std::unique_ptr<HandingOut> handing_out;
  std::optional<api::AccessControl> access;
  std::optional<api::EnhanceWaiters> waiters;
  std::optional<api::PublicText> public_text;
  std::optional<api::EventBroadcast> events;
  jobs::Subscription finished;
  api::RequestCounts request_counts;
  api::ApiContext context;  // Of addresses alone: what works with it ends before it.
  api::AnswerWorker pictures;
  api::AnswerWorker archives;
  std::optional<jobs::JobRemover> remover;
  std::optional<api::UploadPlaces> upload_places;
  std::optional<api::PartialUploads> partial_uploads;
  std::unique_ptr<http::Server> server;
  std::jthread housekeeper;

  Result<void> OpenStore();
  Result<void> StartPhotoWork();
  Result<void> OpenWatch();
  Result<void> OpenPlaces();
  void StartWorkers();
  Result<void> StartServer();
};

Result<void> Service::Parts::OpenStore() {
  GPEN_ASSIGN_OR_RETURN(auto opened, photos::DataFolder::Open(configuration.data_folder,
                                                              configuration.disk_reserve_bytes));
  folder.emplace(std::move(opened));
  settings.emplace(folder->settings(), &configuration, &notices);
  GPEN_ASSIGN_OR_RETURN(
      people, people::People::Open(folder->people(), !configuration.token.empty(), clock));
  files.emplace(&*folder);
  GPEN_ASSIGN_OR_RETURN(auto queue, OpenQueue(configuration, *folder, clock, *files, &notices));
  store = std::move(queue.store);
  const auto& mended = queue.mended;
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

Result<void> Service::Parts::StartPhotoWork() {
  const auto options = RestorerOptionsOf(configuration);
  GPEN_ASSIGN_OR_RETURN(work, StartPhotoProcesses(options, &notices));
  speeds.emplace(folder->speeds());
  runner.emplace(work.get(), &*folder, options.limits, &*speeds);
  upload_places.emplace(configuration.max_uploads, configuration.max_waiting_bytes,
                        [this] { return store->WaitingBytes(); });
  context.upload_rules = {&*folder, options.limits, configuration.max_photos_per_request,
                          &*upload_places};
  context.model_name = work->networks().names;
  models.emplace(PhotoModelsOf(options, work->networks()));
  context.models = &*models;
  return {};
}

Result<void> Service::Parts::OpenWatch() {
  // Flags and variables may have moved the data folder since the file was read.
  GPEN_TRY(watching::CompleteWatchSettings(configuration.data_folder, &configuration.watch));
  for (const auto& folder_settings : configuration.watch) {
    const auto checked = models->Check(folder_settings.options);
    if (checked) continue;
    return Error(checked.error()).WithContext("watch \"" + folder_settings.folder.name + "\"");
  }
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
  feeder.emplace(&*watched_folders,
                 watching::FeederParts{ledger.get(), store.get(), &clock, runner->limits()});
  return watching::RecoverWatch(&*watched_folders, ledger.get(), store.get());
}

Result<void> Service::Parts::OpenPlaces() {
  uploaded.emplace(&*folder, &*runner);
  const watching::RunParts runs{.folders = &*watched_folders,
                                .ledger = ledger.get(),
                                .store = store.get(),
                                .runner = &*runner,
                                .clock = &clock,
                                .models = &*models,
                                .max_bytes_with_faces = configuration.keep_bytes / 2};
  watched.emplace(runs);
  places.emplace(&*uploaded, &*watched);
  adjuster.emplace(&*folder, &*places, runner->limits(), work.get());
  if (configuration.broker.empty()) return {};
  GPEN_ASSIGN_OR_RETURN(handing_out, HandingOut::Create({.configuration = &configuration,
                                                         .clock = &clock,
                                                         .folder = &*folder,
                                                         .store = store.get(),
                                                         .runner = &*runner,
                                                         .watched = runs,
                                                         .models = &*models}));
  return {};
}

void Service::Parts::StartWorkers() {
  jobs::WorkerPoolOptions options;
  options.pause_between = std::chrono::seconds(configuration.pause_between_seconds);
  pool.emplace(
      *store, clock, options,
      [this](const jobs::Job& job, jobs::JobContext& job_context) {
        return places->Run(job, job_context);
      },
      [this] { return gate->Admit(); });
  waiters.emplace(std::chrono::seconds(configuration.enhance_wait_seconds));
  events.emplace(store.get(), configuration.max_event_streams, &*public_text);
  finished = store->Subscribe([this](const jobs::JobEvent& event) {
    if (event.job == 0 || !jobs::IsFinished(event.state) || !waiters->IsAwaited(event.job)) return;
    if (const auto job = store->Find(event.job); job && jobs::IsFinished(job->state)) {
      waiters->Answer(*job);
    }
  });
  pool->Start();
  if (handing_out) handing_out->Start();
  feeder->Start();
}

Result<void> Service::Parts::StartServer() {
  access.emplace(configuration.token, configuration.allowed_hosts, LogRefusal, people.get());
  remover.emplace(store.get());
  context.behind_nginx = configuration.behind_nginx;
  context.is_in_network = !http::IsLoopback(configuration.host);
  context.keep_days = configuration.keep_days;
  context.bin_days = configuration.bin_days;
  context.folder = &*folder;
  context.store = store.get();
  context.pool = &*pool;
  context.governor = gate->governor();
  context.quiet_hours = gate->quiet_hours();
  context.clock = &clock;
  context.access = &*access;
  context.people = people.get();
  context.waiters = &*waiters;
  context.events = &*events;
  context.places = &*places;
  context.adjuster = &*adjuster;
  context.machines = handing_out ? handing_out->machines() : nullptr;
  context.handed_out_files = handing_out ? handing_out->files() : nullptr;
  context.watched_folders = [this] { return watched_folders->View(); };
  context.request_counts = &request_counts;
  context.pictures = &pictures;
  context.work = work.get();
  context.archives = &archives;
  context.remover = &*remover;
  context.public_text = &*public_text;
  partial_uploads.emplace(
      &context.upload_rules, &clock,
      [this](const api::Upload& upload, const std::string& name, Result<api::ReceivedPhoto> photo) {
        return api::SubmitPhoto(context, upload, name, std::move(photo));
      });
  context.partial_uploads = &*partial_uploads;
  context.settings = &*settings;
  context.speeds = &*speeds;
  auto router = std::make_shared<http::Router>();
  api::AddGuards(&context, router.get());
  api::AddRoutes(&context, router.get());
  api::AddAssetRoutes(router.get());
  http::ServerOptions options;
  options.host = configuration.host;
  options.port = configuration.port;
  options.max_connections = configuration.max_connections;
  options.max_connections_per_address = configuration.max_connections_per_address;
  options.default_headers = DefaultHeaders();
  GPEN_ASSIGN_OR_RETURN(options.trusted_proxies,
                        http::AddressList::Parse(configuration.trusted_proxies));
  options.error_text = [this](std::string text) { return public_text->Of(std::move(text)); };
  // Requests may come before Start() has returned: what handlers read is there by then.
  context.connections = options.connection_counts;
  options.on_finished = [this](const http::FinishedRequest& request) {
    request_counts.Add(request.request.route, request.status);
  };
  GPEN_ASSIGN_OR_RETURN(server, http::Server::Start(options, router));
  if (::geteuid() == 0) {
    notices.push_back(
        "WARNING: the service runs as root: give it a user of its own that may read the photos and "
        "write its data folder");
  }
  if (context.is_open()) {
    notices.push_back(
        "WARNING: everybody who can reach this machine may use the service: set a token with "
        "GPEN_TOKEN, add people, or listen on this machine alone with --host 127.0.0.1");
  }
  return {};
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Service>> Service::Start(const Configuration& configuration) {
  auto parts = std::make_unique<Parts>(configuration);
  GPEN_TRY(parts->OpenStore());
  GPEN_TRY(parts->StartPhotoWork());
  GPEN_TRY(parts->OpenWatch());
  GPEN_TRY(parts->OpenPlaces());
  parts->public_text.emplace(NamedFolders(parts->configuration, *parts->folder));
  GPEN_ASSIGN_OR_RETURN(parts->gate, AdmissionGate::Create(configuration, *parts->folder,
                                                           parts->clock, &parts->notices));
  parts->StartWorkers();
  GPEN_TRY(parts->StartServer());
  parts->housekeeper =
      std::jthread([housekeeping = Housekeeping{.configuration = &parts->configuration,
                                                .clock = &parts->clock,
                                                .folder = &*parts->folder,
                                                .store = parts->store.get(),
                                                .pool = &*parts->pool,
                                                .waiters = &*parts->waiters,
                                                .people = parts->people.get(),
                                                .events = &*parts->events,
                                                .partial_uploads = &*parts->partial_uploads}](
                       std::stop_token stop) { KeepHouse(housekeeping, stop); });
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

Service::~Service() {
  parts_->housekeeper = {};
  parts_->server.reset();  // First: nobody asks the rest any more.
  parts_->remover.reset();
  parts_->feeder->Stop();
  if (parts_->handing_out) parts_->handing_out->Stop();
  parts_->pool->Stop();
}

int Service::port() const { return parts_->server->port(); }

const std::vector<std::string>& Service::notices() const { return parts_->notices; }

}  // namespace gpen::service
