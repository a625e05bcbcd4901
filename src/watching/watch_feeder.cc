#include "watching/watch_feeder.h"

#include <chrono>
#include <utility>

#include "base/guarded.h"
#include "jobs/background_thread.h"

namespace gpen::watching {
namespace {

constexpr Milliseconds kRound{5'000};

}  // namespace

WatchFeeder::WatchFeeder(WatchedFolders* folders, const FeederParts& parts) : store_(parts.store) {
  for (auto& folder : folders->all()) feeding_.push_back({FolderFeeder(&folder, parts), {}});
}

WatchFeeder::~WatchFeeder() { Stop(); }

void WatchFeeder::Start() {
  ended_ = store_->Subscribe([this](const jobs::JobEvent& event) {
    if (event.kind != jobs::JobEventKind::kFinished && event.kind != jobs::JobEventKind::kDeleted) {
      return;
    }
    for (auto& one : feeding_) one.feeder.Wake();
  });
  for (auto& one : feeding_) {
    one.thread =
        std::jthread([feeder = &one.feeder](const std::stop_token& stop) { Keep(feeder, stop); });
  }
}

void WatchFeeder::Stop() {
  ended_ = {};
  for (auto& one : feeding_) {
    one.thread.request_stop();
    one.feeder.Wake();
  }
  for (auto& one : feeding_) one.thread = {};
}

void WatchFeeder::Keep(FolderFeeder* feeder, const std::stop_token& stop) {
  // What could not be lowered is not worth failing for: the work is the same.
  jobs::LowerThisThread();
  while (!stop.stop_requested()) {
    const auto round = Guarded("the watched folder", [&] { return feeder->Round(kRound, stop); });
    feeder->folder().Hold(round ? "" : round.error().message());
    // A full disk or queue does not change from one moment to the next.
    if (!round && !stop.stop_requested())
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

}  // namespace gpen::watching
