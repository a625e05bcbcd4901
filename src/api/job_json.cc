#include "api/job_json.h"

#include <fmt/format.h>

#include <cmath>
#include <ctime>

#include "photos/photo_job.h"

namespace gpen::api {
namespace {

// What lists show of a report, so that they need not ask for each.
void AddFaces(const std::string& report_text, Json* result) {
  const Json report = Json::parse(report_text, nullptr, false);
  int faces = 0;
  int restored = 0;
  int doubtful = 0;
  if (report.is_object() && report.contains("faces")) {
    for (const auto& face : report["faces"]) {
      ++faces;
      if (face.value("skipped", false)) continue;
      ++restored;
      if (face.value("weight", 1.0) < 1) ++doubtful;
    }
  }
  (*result)["whole"] = report.is_object() && report.value("whole", false);
  (*result)["faces"] = faces;
  (*result)["restored"] = restored;
  (*result)["doubtful"] = doubtful;
}

// Null where nobody of a name did.
Json AddedBy(jobs::PersonId person, const people::People* people) {
  if (person == 0 || people == nullptr) return nullptr;
  auto name = people->NameOf(person);
  return name.empty() ? Json(nullptr) : Json(std::move(name));
}

// The time that never was where it is kept for ever.
Timestamp KeptUntil(const jobs::Job& job, const JobView& view) {
  using Days = std::chrono::days;
  if (job.is_binned()) return job.binned + Days(view.bin_days);
  if (!jobs::IsFinished(job.state) || job.pinned || view.keep_days == 0) return {};
  return job.finished + Days(view.keep_days);
}

}  // namespace

Json TimeToJson(Timestamp time) {
  if (time.time_since_epoch().count() == 0) return nullptr;
  const auto milliseconds = time.time_since_epoch().count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     milliseconds % 1000);
}

Json SecondsToJson(std::optional<double> seconds) {
  return seconds ? Json(std::round(*seconds * 10) / 10) : Json(nullptr);
}

Json CountsToJson(const jobs::JobCounts& counts) {
  Json json = Json::object();
  for (int i = 0; i < jobs::kJobStateCount; ++i) {
    const auto state = static_cast<jobs::JobState>(i);
    json[std::string(jobs::NameOf(state))] = counts[state];
  }
  return json;
}

Json JobToJson(const jobs::Job& job, const JobView& view) {
  const std::string base = fmt::format("/api/v1/jobs/{}", job.id);
  const auto pictures = job.is_binned() ? fmt::format("/api/v1/bin/{}", job.id) : base;
  Json json = {{"id", job.id},
               {"name", job.name},
               {"state", jobs::NameOf(job.state)},
               {"priority", jobs::NameOf(job.priority)},
               {"batch", job.batch == 0 ? Json(nullptr) : Json(job.batch)},
               {"cached", job.cached},
               {"attempts", job.attempts},
               {"max_attempts", job.max_attempts},
               {"cancel_requested", job.cancel_requested},
               {"step", job.step},
               {"progress", job.fraction},
               {"input_bytes", job.input_bytes},
               {"result_bytes", job.result_bytes},
               {"original_kept", !job.input_deleted},
               {"created", TimeToJson(job.created)},
               {"started", TimeToJson(job.started)},
               {"finished", TimeToJson(job.finished)},
               {"pinned", job.pinned},
               {"binned", TimeToJson(job.binned)},
               {"kept_until", TimeToJson(KeptUntil(job, view))},
               {"added_by", AddedBy(job.added_by, view.people)},
               {"estimated_seconds", nullptr},
               {"machine", nullptr},
               {"error", nullptr},
               {"result", nullptr}};
  const auto photo = photos::PhotoJob::Of(job);
  json["options"] =
      photo ? Json::parse(restore::CanonicalJson(photo->task.options)) : Json(nullptr);
  if (photo && view.speeds != nullptr && photo->task.pixels > 0 && !jobs::IsFinished(job.state)) {
    json["estimated_seconds"] = SecondsToJson(
        view.speeds->SecondsFor(static_cast<double>(photo->task.pixels), photo->task.options));
  }
  std::string machine;
  if (photo && photo->result) machine = photo->result->machine;
  if (view.machines != nullptr && job.state == jobs::JobState::kRunning) {
    machine = view.machines->WorkingOn(job.id);
  }
  if (!machine.empty()) json["machine"] = machine;
  if (!job.error_code.empty()) {
    json["error"] = {{"code", job.error_code}, {"message", PublicOf(view.text, job.error_message)}};
  }
  if (photo && photo->result) {
    json["result"] = {{"output_path", photos::AddressOf(*photo->result)},
                      {"seconds", photo->result->seconds},
                      {"url", base + "/result"},
                      {"before", pictures + "/before"},
                      {"after", pictures + "/after"},
                      {"report", base + "/report"}};
    json["result"]["mask"] = photo->result->mask.empty() ? Json(nullptr) : Json(base + "/mask");
    AddFaces(photo->result->report, &json["result"]);
  }
  return json;
}

Json BatchToJson(const jobs::Batch& batch, const people::People* people) {
  return {{"id", batch.id},
          {"name", batch.name},
          {"created", TimeToJson(batch.created)},
          {"added_by", AddedBy(batch.added_by, people)},
          {"total", batch.counts.total()},
          {"finished", batch.counts.unfinished() == 0},
          {"counts", CountsToJson(batch.counts)},
          {"zip", fmt::format("/api/v1/batches/{}/zip", batch.id)}};
}

Json EventToJson(const jobs::JobEvent& event, const PublicText* text) {
  const bool has_job = event.job != 0;
  return {{"sequence", event.sequence},
          {"time", TimeToJson(event.time)},
          {"kind", jobs::NameOf(event.kind)},
          {"job", has_job ? Json(event.job) : Json(nullptr)},
          {"batch", event.batch == 0 ? Json(nullptr) : Json(event.batch)},
          {"state", has_job ? Json(jobs::NameOf(event.state)) : Json(nullptr)},
          {"step", event.step},
          {"progress", event.fraction},
          {"message", PublicOf(text, event.message)}};
}

}  // namespace gpen::api
