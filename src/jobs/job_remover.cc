#include "jobs/job_remover.h"

#include <utility>

#include "base/guarded.h"

namespace gpen::jobs {
namespace {

constexpr int kMostAtOnce = 50;
constexpr std::chrono::seconds kRetry{60};

}  // namespace

JobRemover::JobRemover(JobStore* store)
    : store_(store), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Result<void> JobRemover::DeleteBatch(BatchId id) {
  GPEN_TRY(store_->DeleteBatch(id));
  Wake();
  return {};
}

Result<void> JobRemover::EmptyBin(std::optional<PersonId> added_by) {
  GPEN_TRY(store_->EmptyBin(added_by));
  Wake();
  return {};
}

void JobRemover::Wake() {
  {
    const std::scoped_lock lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

std::string JobRemover::problem() const {
  const std::scoped_lock lock(mutex_);
  return problem_;
}

void JobRemover::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto more =
        Guarded("the deletion of many", [&] { return store_->RemoveMarked(kMostAtOnce); });
    std::unique_lock lock(mutex_);
    problem_ = more ? std::string() : more.error().message();
    if (more && *more) continue;
    if (!more) {
      // The queue could not be written, or a folder: what is still marked is tried again.
      changed_.wait_for(lock, stop, kRetry, [this] { return std::exchange(wanted_, false); });
      continue;
    }
    changed_.wait(lock, stop, [this] { return std::exchange(wanted_, false); });
  }
}

}  // namespace gpen::jobs
