#include "service/handing_out.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "base/file.h"
#include "base/sha256.h"
#include "celery/producer.h"
#include "celery/roster.h"
#include "fetch/web_files.h"
#include "jobs/worker_pool.h"
#include "photos/photo_places.h"
#include "photos/uploaded_place.h"
#include "remote/exchange.h"
#include "remote/handouts.h"
#include "remote/web_exchange.h"
#include "service/queue_settings.h"
#include "watching/watched_place.h"

namespace gpen::service {
namespace {

constexpr int kMostAtOnce = 16;

void Log(const std::string& message) { fmt::print(stderr, "{}\n", message); }

// A result may be larger than its photo, and brings its faces.
std::int64_t MostParcelBytes(const Configuration& configuration) {
  return 4 * configuration.max_upload_bytes;
}

// The root through which photos go.
Result<std::string> ExchangeRoot(const std::string& chosen, const remote::NamedRoots& roots) {
  if (chosen.empty() && roots.all().size() == 1) return roots.all().front().name;
  for (const auto& root : roots.all()) {
    if (root.name == chosen) return chosen;
  }
  return Error(
      ErrorCode::kInvalidArgument,
      fmt::format("worker.exchange: with --broker, expected how photos reach the other machines: "
                  "a root (--root NAME=/PATH --exchange NAME) or this service's own address "
                  "(--exchange http://nas:7860), found \"{}\"",
                  chosen));
}

// Tells this service from others that use the same root.
std::string ServiceId(const photos::DataFolder& folder) {
  const auto identity = ReadFile(folder.queue_identity(), 1024);
  return Sha256(identity ? *identity : std::vector<std::byte>()).substr(0, 12);
}

}  // namespace

// In the order of start; destroyed the other way round.
struct HandingOut::Parts {
  Parts(const HandingOutParts& given, remote::NamedRoots named)
      : outside(given), roots(std::move(named)) {}

  HandingOutParts outside;
  remote::NamedRoots roots;
  std::optional<celery::Producer> producer;
  std::optional<celery::Roster> roster;
  std::unique_ptr<remote::Exchange> exchange;
  remote::WebExchange* web = nullptr;  // The same, where it is one.
  std::optional<remote::Handouts> handouts;
  std::optional<photos::PhotoRunner> runner;
  std::optional<photos::UploadedPlace> uploaded;
  std::optional<watching::WatchedPlace> watched;
  std::optional<photos::PhotoPlaces> places;
  std::optional<jobs::WorkerPool> pool;

  Result<void> OpenExchange();
  jobs::Admission Admit() const;
};

Result<void> HandingOut::Parts::OpenExchange() {
  const auto& configuration = *outside.configuration;
  auto chosen = configuration.worker_exchange;
  if (fetch::IsWebAddress(chosen)) {
    while (chosen.ends_with('/')) chosen.pop_back();
    auto by_address = std::make_unique<remote::WebExchange>(chosen, MostParcelBytes(configuration));
    web = by_address.get();
    exchange = std::move(by_address);
    return {};
  }
  GPEN_ASSIGN_OR_RETURN(const auto root, ExchangeRoot(chosen, roots));
  exchange = std::make_unique<remote::RootExchange>(&roots, root, ServiceId(*outside.folder));
  return {};
}

// Heat and quiet hours are the other machines' own; what cannot be stored here is not asked for.
jobs::Admission HandingOut::Parts::Admit() const {
  auto admission = handouts->Admit();
  if (admission.lowest && !outside.folder->CheckStorable()) admission.lowest.reset();
  return admission;
}

Result<std::unique_ptr<HandingOut>> HandingOut::Create(const HandingOutParts& given) {
  const auto& configuration = *given.configuration;
  GPEN_ASSIGN_OR_RETURN(const auto settings, QueueSettingsOf(configuration));
  GPEN_ASSIGN_OR_RETURN(auto named, remote::ParseRoots(configuration.worker_roots));
  auto parts = std::make_unique<Parts>(given, remote::NamedRoots(std::move(named)));
  GPEN_TRY(parts->OpenExchange());
  parts->producer.emplace(celery::ProducerOptions{.broker = settings.broker,
                                                  .backend = settings.backend,
                                                  .keys = settings.keys,
                                                  .queue = configuration.worker_queue,
                                                  .name = "gpen-serve@" + MachineName()},
                          given.clock);
  parts->roster.emplace(settings.broker, settings.keys, configuration.worker_queue, given.clock);
  parts->handouts.emplace(remote::HandoutParts{.producer = &*parts->producer,
                                               .roster = &*parts->roster,
                                               .exchange = parts->exchange.get(),
                                               .clock = given.clock,
                                               .models = given.models,
                                               .most_parcel_bytes = MostParcelBytes(configuration),
                                               .log = Log});
  parts->runner.emplace(*given.runner, &*parts->handouts);
  parts->uploaded.emplace(given.folder, &*parts->runner);
  auto watched = given.watched;
  watched.runner = &*parts->runner;
  parts->watched.emplace(watched);
  parts->places.emplace(&*parts->uploaded, &*parts->watched);
  jobs::WorkerPoolOptions options;
  options.concurrency = kMostAtOnce;  // Threads that wait cost nothing.
  options.pause_between = Milliseconds(0);
  parts->pool.emplace(
      *given.store, *given.clock, options,
      [places = &*parts->places](const jobs::Job& job, jobs::JobContext& context) {
        return places->Run(job, context);
      },
      [of = parts.get()] { return of->Admit(); });
  return std::unique_ptr<HandingOut>(new HandingOut(std::move(parts)));
}

HandingOut::HandingOut(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HandingOut::~HandingOut() { Stop(); }

void HandingOut::Start() {
  parts_->handouts->Start([pool = &*parts_->pool] { pool->Wake(); });
  parts_->pool->Start();
}

void HandingOut::Stop() {
  parts_->pool->Stop();
  parts_->handouts->Stop();
}

photos::HandedOutFiles* HandingOut::files() { return parts_->web; }

photos::Machines* HandingOut::machines() { return &*parts_->handouts; }

}  // namespace gpen::service
