#include "service/worker_service.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/guarded.h"
#include "base/random_id.h"
#include "base/sleep.h"
#include "base/version.h"
#include "celery/worker.h"
#include "fetch/web_files.h"
#include "photos/photo_files.h"
#include "photos/photo_places.h"
#include "photos/photo_runner.h"
#include "photos/stored_file.h"
#include "photos/uploaded_place.h"
#include "remote/photo_tasks.h"
#include "remote/worker_about.h"
#include "service/admission.h"
#include "service/opened_queue.h"
#include "service/photo_processes.h"
#include "service/queue_settings.h"

namespace gpen::service {
namespace {

constexpr std::chrono::minutes kCleanEvery{10};
// What was delivered is kept so long, for equal photos.
constexpr std::chrono::hours kKeep{24};

void Log(const std::string& message) { fmt::print(stderr, "{}\n", message); }

Result<celery::WorkerOptions> OptionsOf(const Configuration& configuration) {
  if (configuration.broker.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "expected the Redis of the queue: --broker redis://host/0, or GPEN_BROKER");
  }
  celery::WorkerOptions options;
  GPEN_ASSIGN_OR_RETURN(const auto settings, QueueSettingsOf(configuration));
  options.broker = settings.broker;
  options.backend = settings.backend;
  options.keys = settings.keys;
  options.name =
      configuration.worker_name.empty() ? "gpen@" + MachineName() : configuration.worker_name;
  if (options.name.find('@') == std::string::npos) options.name += "@" + MachineName();
  options.queue = configuration.worker_queue;
  options.default_queue = configuration.worker_default_queue;
  options.concurrency = configuration.worker_concurrency;
  options.result_expires = std::chrono::seconds(configuration.worker_result_expires_seconds);
  options.allow_shutdown = configuration.worker_allow_shutdown;
  options.error_type = "GpenError";
  options.error_module = "gpen.errors";
  options.software = "gpen";
  options.version = std::string(kVersion);
  options.log = Log;
  return options;
}

// The data folder's lock says that an earlier run in it is gone, and so are its claims.
Result<void> ReadIncarnations(const photos::DataFolder& folder, celery::WorkerOptions* options) {
  const auto file = folder.root() / "worker";
  if (const auto before = ReadFile(file, 1024)) options->before = AsText(*before);
  options->incarnation = options->name + "/" + RandomId();
  return photos::WritePrivately(file, AsBytes(options->incarnation));
}

// Jobs of an earlier run belong to messages that are given out again.
Result<void> ForgetUnfinished(jobs::JobStore* store) {
  jobs::JobFilter filter;
  filter.states = {jobs::JobState::kQueued, jobs::JobState::kRunning};
  filter.limit = 500;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const auto unfinished, store->List(filter));
    if (unfinished.empty()) return {};
    for (const auto& job : unfinished) {
      GPEN_TRY(store->Cancel(job.id));
      GPEN_TRY(store->Delete(job.id));
    }
  }
}

void Clean(jobs::JobStore* store, std::int64_t most_bytes, std::stop_token stop) {
  jobs::RetentionPolicy policy;
  policy.max_age = kKeep;
  policy.input_max_age = Milliseconds(0);
  if (most_bytes > 0) policy.max_bytes = most_bytes;
  while (!stop.stop_requested()) {
    const auto cleaned = Guarded("the cleaning", [&] { return store->ApplyRetention(policy); });
    if (!cleaned) Log(cleaned.error().message());
    SleepUnlessStopped(kCleanEvery, stop);
  }
}

}  // namespace

// In the order of start; destroyed the other way round.
struct WorkerService::Parts {
  explicit Parts(const Configuration& chosen) : configuration(chosen) {}

  Configuration configuration;
  SystemClock clock;
  std::vector<std::string> notices;
  celery::WorkerOptions options;
  std::optional<remote::NamedRoots> roots;
  std::optional<fetch::WebFiles> web;
  std::optional<photos::DataFolder> folder;
  std::optional<photos::PhotoFiles> files;
  std::unique_ptr<jobs::JobStore> store;
  std::unique_ptr<sandbox::ChildPhotoWork> work;
  std::optional<photos::PhotoModels> models;
  std::optional<photos::PhotoRunner> runner;
  std::optional<photos::UploadedPlace> uploaded;
  std::optional<photos::PhotoPlaces> places;
  std::unique_ptr<AdmissionGate> gate;
  std::optional<jobs::WorkerPool> pool;
  std::optional<remote::PhotoTasks> tasks;
  std::optional<celery::Worker> worker;
  std::jthread cleaner;

  Result<void> Open();
  Result<void> Load();
  Result<void> StartWork();
};

Result<void> WorkerService::Parts::Open() {
  GPEN_ASSIGN_OR_RETURN(options, OptionsOf(configuration));
  GPEN_ASSIGN_OR_RETURN(auto named, remote::ParseRoots(configuration.worker_roots));
  GPEN_ASSIGN_OR_RETURN(auto hosts, fetch::AllowedHosts::Parse(configuration.worker_hosts));
  if (named.empty() && hosts.empty()) {
    notices.push_back(
        "neither --root NAME=/PATH nor --allow-host HOST: only photos inside messages can be "
        "restored");
  }
  web.emplace(fetch::WebFilesOptions{std::move(hosts), configuration.worker_ca_file});
  roots.emplace(std::move(named));
  GPEN_ASSIGN_OR_RETURN(auto opened, photos::DataFolder::Open(configuration.data_folder,
                                                              configuration.disk_reserve_bytes));
  folder.emplace(std::move(opened));
  files.emplace(&*folder);
  GPEN_ASSIGN_OR_RETURN(auto queue, OpenQueue(configuration, *folder, clock, *files, &notices));
  store = std::move(queue.store);
  GPEN_TRY(ForgetUnfinished(store.get()));
  return ReadIncarnations(*folder, &options);
}

Result<void> WorkerService::Parts::Load() {
  const auto restorer_options = RestorerOptionsOf(configuration);
  GPEN_ASSIGN_OR_RETURN(work, StartPhotoProcesses(restorer_options, &notices));
  models.emplace(PhotoModelsOf(restorer_options, work->networks()));
  runner.emplace(work.get(), &*folder, restorer_options.limits);
  uploaded.emplace(&*folder, &*runner);
  places.emplace(&*uploaded);
  GPEN_ASSIGN_OR_RETURN(gate, AdmissionGate::Create(configuration, *folder, clock, &notices));
  return {};
}

Result<void> WorkerService::Parts::StartWork() {
  const auto admit = [this] { return gate->Admit(); };
  jobs::WorkerPoolOptions pool_options;
  // Threads that wait cost nothing: how many photos there are at once the broker's side decides.
  pool_options.concurrency = options.most_concurrency;
  pool_options.pause_between = std::chrono::seconds(configuration.pause_between_seconds);
  pool.emplace(
      *store, clock, pool_options,
      [this](const jobs::Job& job, jobs::JobContext& context) { return places->Run(job, context); },
      admit);
  tasks.emplace(remote::PhotoTaskParts{.store = store.get(),
                                       .folder = &*folder,
                                       .places = &*places,
                                       .roots = &*roots,
                                       .web = &*web,
                                       .limits = runner->limits(),
                                       .models = &*models,
                                       .worker = options.name,
                                       .admit = admit});
  remote::WorkerAbout about;
  about.models = remote::FingerprintOf(models->usual());
  for (const auto& [name, checksums] : models->All()) {
    about.named[name] = remote::FingerprintOf(checksums);
  }
  about.hosts = web->hosts().Texts();
  for (const auto& root : roots->all()) about.roots.push_back(root.name);
  options.about = remote::FormatAbout(about);
  worker.emplace(options, &*tasks, &clock);
  pool->Start();
  GPEN_TRY(worker->Start());
  cleaner = std::jthread(
      [this](std::stop_token stop) { Clean(store.get(), configuration.keep_bytes, stop); });
  return {};
}

WorkerService::WorkerService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<WorkerService>> WorkerService::Start(const Configuration& configuration) {
  auto parts = std::make_unique<Parts>(configuration);
  GPEN_TRY(parts->Open());
  GPEN_TRY(parts->Load());
  GPEN_TRY(parts->StartWork());
  return std::unique_ptr<WorkerService>(new WorkerService(std::move(parts)));
}

WorkerService::~WorkerService() {
  parts_->cleaner = {};
  parts_->worker->Stop();  // First: tasks wait for jobs, which the pool still has to end.
  parts_->pool->Stop();
}

const std::string& WorkerService::name() const { return parts_->options.name; }

const std::vector<std::string>& WorkerService::notices() const { return parts_->notices; }

bool WorkerService::shutdown_asked() const { return parts_->worker->shutdown_asked(); }

}  // namespace gpen::service
