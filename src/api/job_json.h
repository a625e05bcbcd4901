// Jobs, batches and events as the JSON of /api/v1, which openapi.json describes.
#pragma once

#include <optional>
#include <vector>

#include "api/json.h"
#include "api/public_text.h"
#include "base/result.h"
#include "jobs/job_store.h"
#include "photos/machines.h"
#include "restore/speed_record.h"

namespace gpen::api {

/// "2026-11-24T06:00:00.123Z"; null for the time that never was.
Json TimeToJson(Timestamp time);
/// Rounded to tenths; null where nobody knows.
Json SecondsToJson(std::optional<double> seconds);
/// With what a job that is not finished will take, by `speeds`; of messages what `text` lets
/// through; and which of the `machines` does it. Each may be null.
Json JobToJson(const jobs::Job& job, const restore::SpeedRecord* speeds = nullptr,
               const PublicText* text = nullptr, const photos::Machines* machines = nullptr);
Json BatchToJson(const jobs::Batch& batch);
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
