#include "jobs/job.h"

#include <numeric>

#include "jobs/job_event.h"

namespace gpen::jobs {
namespace {

constexpr std::array<std::string_view, kJobStateCount> kStateNames = {"queued", "running", "done",
                                                                      "failed", "cancelled"};
constexpr std::array<std::string_view, kJobPriorityCount> kPriorityNames = {"interactive", "batch",
                                                                            "watch"};
constexpr std::array<std::string_view, kJobEventKindCount> kEventNames = {
    "created", "started",      "progress",      "requeued", "cancel_requested", "finished",
    "deleted", "queue_paused", "queue_resumed", "binned",   "put_back",         "pinned",
};

template <typename Enum, std::size_t n>
std::optional<Enum> FromName(const std::array<std::string_view, n>& names, std::string_view name) {
  for (std::size_t i = 0; i < n; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(JobState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::string_view NameOf(JobPriority priority) {
  return kPriorityNames[static_cast<std::size_t>(priority)];
}

std::string_view NameOf(JobEventKind kind) { return kEventNames[static_cast<std::size_t>(kind)]; }

std::optional<JobState> JobStateFromName(std::string_view name) {
  return FromName<JobState>(kStateNames, name);
}

std::optional<JobPriority> JobPriorityFromName(std::string_view name) {
  return FromName<JobPriority>(kPriorityNames, name);
}

std::int64_t JobCounts::total() const {
  return std::accumulate(by_state.begin(), by_state.end(), std::int64_t{0});
}

}  // namespace gpen::jobs
