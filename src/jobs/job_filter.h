// JobFilter and EventFilter: which jobs and events are asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jobs/job.h"
#include "jobs/job_event.h"

namespace gpen::jobs {

/// Whether jobs in the bin are meant.
enum class BinFilter : std::uint8_t { kWithout, kOnly, kToo };

/// Empty members do not filter. Newest first.
struct JobFilter {
  std::vector<JobState> states = {};
  std::optional<BatchId> batch = {};
  std::optional<JobPriority> priority = {};
  std::string text = {};  ///< Part of the name, ASCII letters in either case.
  JobId before = 0;  ///< Ids below this one: the last id of the page before. 0: from the newest.
  int limit = 50;    ///< 1 to 500.
  BinFilter bin = BinFilter::kWithout;
  bool removing_too = false;  ///< Also jobs whose files are being deleted.
  std::optional<PersonId> added_by = {};
  std::string key_begin = {};  ///< Keys that begin so.
};

struct EventFilter {
  JobId job = 0;
  BatchId batch = 0;
  /// Of this person's jobs, and of the queue as a whole.
  std::optional<PersonId> added_by = {};

  bool Passes(const JobEvent& event) const {
    return (job == 0 || event.job == job) && (batch == 0 || event.batch == batch) &&
           (!added_by || event.added_by == *added_by || event.is_of_queue());
  }
};

}  // namespace gpen::jobs
