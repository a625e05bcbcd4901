#include "service/housekeeping.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "base/guarded.h"
#include "base/sleep.h"
#include "photos/queue_copies.h"
#include "service/plausible_clock.h"

namespace gpen::service {
namespace {

constexpr std::chrono::seconds kInterval{1};
constexpr std::chrono::minutes kRetentionInterval{10};
constexpr std::chrono::seconds kHeldInterval{5};
constexpr int kMostByAge = 200;  // Whoever set something wrong has time to see it.
constexpr int kAtOnceForRoom = 10;
constexpr int kMostForRoom = 200;  // Others wait for the housekeeper.
constexpr int kMany = 1000;        // More waits, most likely: the disk must not fill meanwhile.

void Log(std::string_view message) { fmt::print(stderr, "{}\n", message); }

jobs::RetentionPolicy PolicyOf(const Configuration& configuration, bool clock_is_plausible) {
  jobs::RetentionPolicy policy;
  policy.most_by_age = kMostByAge;
  if (configuration.keep_bytes > 0) policy.max_bytes = configuration.keep_bytes;
  if (!clock_is_plausible) return policy;
  policy.bin_max_age = std::chrono::hours(24) * configuration.bin_days;
  if (configuration.keep_days > 0) {
    policy.max_age = std::chrono::hours(24) * configuration.keep_days;
  }
  if (configuration.keep_upload_hours > 0) {
    policy.input_max_age = std::chrono::hours(configuration.keep_upload_hours);
  }
  return policy;
}

class Housekeeper {
 public:
  explicit Housekeeper(const Housekeeping& parts)
      : parts_(parts), plausible_(*parts.clock, parts.folder->root() / "clock") {}

  Result<void> KeepOnce() {
    parts_.waiters->AnswerOverdue();
    GPEN_TRY(LookAfterPeople());
    GPEN_TRY(LookNow());
    const bool clock_is_plausible = plausible_.IsPlausible();
    const auto now = parts_.clock->Steady();
    if (next_ && now < *next_) return {};
    next_ = now + kRetentionInterval;
    if (clock_was_plausible_ && !clock_is_plausible) {
      Log("the clock jumped or was never seen before: nothing is deleted by its age for a day");
    }
    clock_was_plausible_ = clock_is_plausible;
    parts_.partial_uploads->RemoveExpired();
    GPEN_TRY(ApplyRetention(PolicyOf(*parts_.configuration, clock_is_plausible)));
    return photos::CopyQueueOnceADay(parts_.store, *parts_.folder, parts_.clock->Now());
  }

 private:
  // Another program may have withdrawn a token: a stream on which nothing happens ends now too.
  Result<void> LookAfterPeople() {
    const auto read = parts_.people->Refresh();
    const auto problem = read ? std::string() : read.error().message();
    if (problem != people_problem_ && !read) Log(problem);
    people_problem_ = problem;
    parts_.events->DropStale();
    return read ? parts_.people->KeepSeen() : Result<void>();
  }

  Result<void> LookNow() {
    const auto now = parts_.clock->Steady();
    if (next_look_ && now < *next_look_) return {};
    next_look_ = now + kHeldInterval;
    GPEN_TRY(SayWhatIsHeld());
    return MakeRoom();
  }

  // The largest photo that may come should find room as long as there is a bin to empty.
  Result<void> MakeRoom() {
    const auto is_enough = [this] {
      return parts_.folder->CheckSpace(parts_.configuration->max_upload_bytes).has_value();
    };
    std::int64_t deleted = 0;
    while (deleted < kMostForRoom && !is_enough()) {
      GPEN_ASSIGN_OR_RETURN(const auto report,
                            parts_.store->ShrinkBin(Timestamp::max(), kAtOnceForRoom));
      for (const auto& problem : report.problems) Log(problem);
      if (report.jobs_deleted == 0) break;
      deleted += report.jobs_deleted;
    }
    if (deleted > 0) Log(fmt::format("the disk is nearly full: {} photos left the bin", deleted));
    return {};
  }

  // Once for each reason: temperatures and counts in it change all the time.
  Result<void> SayWhatIsHeld() {
    GPEN_ASSIGN_OR_RETURN(const auto queue, parts_.store->Status());
    const auto reason = jobs::HeldReason(parts_.pool->Status(), queue);
    auto kind = reason;
    std::erase_if(kind, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    if (kind == said_) return {};
    Log(reason.empty() ? "nothing is held any more: the work goes on" : "held: " + reason);
    said_ = kind;
    return {};
  }

  Result<void> ApplyRetention(const jobs::RetentionPolicy& policy) {
    GPEN_ASSIGN_OR_RETURN(const auto report, parts_.store->ApplyRetention(policy));
    if (report.jobs_deleted + report.inputs_deleted > 0) {
      Log(fmt::format("{} jobs and {} originals that were kept long enough were deleted, {} MB",
                      report.jobs_deleted, report.inputs_deleted, report.bytes_freed >> 20U));
    }
    for (const auto& problem : report.problems) Log(problem);
    if (report.jobs_deleted >= kMany) next_.reset();
    return {};
  }

  const Housekeeping& parts_;
  PlausibleClock plausible_;
  bool clock_was_plausible_ = true;
  std::optional<Milliseconds> next_;
  std::optional<Milliseconds> next_look_;
  std::string people_problem_;  ///< That was logged last.
  std::string said_;            ///< The reason that was logged last, without its numbers.
};

}  // namespace

void KeepHouse(const Housekeeping& housekeeping, std::stop_token stop) {
  Housekeeper housekeeper(housekeeping);
  while (!stop.stop_requested()) {
    const auto kept = Guarded("the housekeeping", [&] { return housekeeper.KeepOnce(); });
    if (!kept) Log(kept.error().message());
    SleepUnlessStopped(kInterval, stop);
  }
}

}  // namespace gpen::service
