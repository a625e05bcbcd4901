// Jobs, batches and events as the JSON of /api/v1, which openapi.json describes.
#pragma once

#include <optional>
#include <vector>

#include "api/json.h"
#include "api/public_text.h"
#include "base/result.h"
#include "jobs/job_store.h"
#include "people/people.h"
#include "photos/machines.h"
#include "restore/speed_record.h"

namespace gpen::api {

/// "2026-11-24T06:00:00.123Z"; null for the time that never was.
Json TimeToJson(Timestamp time);
/// Rounded to tenths; null where nobody knows.
Json SecondsToJson(std::optional<double> seconds);

/// What of the service is told with a job.
struct JobView {
  const restore::SpeedRecord* speeds = nullptr;  ///< What it will take; null: nothing is estimated.
  const PublicText* text = nullptr;              ///< Null: clients may read everything.
  const photos::Machines* machines = nullptr;    ///< Which does it; null: there is this one alone.
  const people::People* people = nullptr;        ///< Who added it; null: nobody has a name.
  std::int64_t keep_days = 0;                    ///< Finished photos; 0: for ever.
  std::int64_t bin_days = 0;                     ///< Deleted ones.
};
Json JobToJson(const jobs::Job& job, const JobView& view = {});
Json BatchToJson(const jobs::Batch& batch, const people::People* people);
Json EventToJson(const jobs::JobEvent& event, const PublicText* text = nullptr);
Json CountsToJson(const jobs::JobCounts& counts);

/// What asks for the page of a list after `page`, which was to have `limit` items: the last id, or
/// null where nothing follows.
template <typename Item>
Json NextBefore(const std::vector<Item>& page, std::int64_t limit) {
  if (static_cast<std::int64_t>(page.size()) < limit) return nullptr;
  return page.back().id;
}

}  // namespace gpen::api
