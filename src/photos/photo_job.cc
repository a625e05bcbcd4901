#include "photos/photo_job.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/sha256.h"
#include "photos/adjustment.h"
#include "photos/stored_file.h"

namespace gpen::photos {
namespace {

using Json = nlohmann::ordered_json;

// A member of one of our own texts; empty where it is missing.
std::string Text(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>()
                                                                       : std::string();
}

std::int64_t Whole(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return json.is_object() && found != json.end() && found->is_number_integer()
             ? found->get<std::int64_t>()
             : 0;
}

}  // namespace

std::string FormatTask(const PhotoTask& task) {
  Json json = {{"upload", task.upload}, {"options", CanonicalJson(task.options)}};
  if (task.watched_file != 0) {
    json["watched_file"] = task.watched_file;
    json["generation"] = task.generation;
  }
  return json.dump();
}

Result<PhotoTask> ParseTask(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  PhotoTask task;
  task.upload = Text(json, "upload");
  task.watched_file = Whole(json, "watched_file");
  task.generation = Whole(json, "generation");
  if (task.watched_file == 0 && !IsPlainFileName(task.upload)) {
    return Error(ErrorCode::kInternal, "the job names no upload: was it made by another program?");
  }
  GPEN_TRY(SetOptionsFromJson(Text(json, "options"), &task.options));
  return task;
}

std::string FormatResult(const PhotoResult& result) {
  Json json = {{"output", result.output},
               {"before", result.before},
               {"after", result.after},
               {"seconds", result.seconds},
               {"report", result.report}};
  if (result.watched_file != 0) json["watched_file"] = result.watched_file;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<PhotoResult> ParseResult(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  PhotoResult result;
  result.output = Text(json, "output");
  result.before = Text(json, "before");
  result.after = Text(json, "after");
  result.report = Text(json, "report");
  result.watched_file = Whole(json, "watched_file");
  if (result.watched_file == 0 && !IsPlainFileName(result.output)) {
    return Error(ErrorCode::kInternal, "the job has no result");
  }
  if (json.contains("seconds") && json["seconds"].is_number()) result.seconds = json["seconds"];
  return result;
}

std::string KeyOf(std::string_view upload_sha256, const PhotoOptions& options,
                  std::string_view model_sha256) {
  return Sha256(
      AsBytes(fmt::format("{}\n{}\n{}", upload_sha256, CanonicalJson(options), model_sha256)));
}

std::string ResultBase(const jobs::Job& job) { return job.key.substr(0, 32); }
std::string FacesName(const jobs::Job& job) { return ResultBase(job) + ".faces"; }

jobs::FileState PhotoFiles::FindResult(const jobs::Job& job) {
  const auto result = ParseResult(job.result);
  if (!result) return jobs::FileState::kMissing;
  // It is its owner's to move or delete: never answered from, never missed.
  if (result->watched_file != 0) return jobs::FileState::kUnknown;
  std::error_code error;
  if (std::filesystem::exists(folder_->Output(result->output), error)) {
    return jobs::FileState::kPresent;
  }
  return std::filesystem::is_directory(folder_->Output(""), error) ? jobs::FileState::kMissing
                                                                   : jobs::FileState::kUnknown;
}

Result<void> PhotoFiles::DeleteResult(const jobs::Job& job) {
  GPEN_TRY(RemoveAdjustment(*folder_, job.id));
  GPEN_TRY(RemoveStored(folder_->Faces(FacesName(job))));
  const auto result = ParseResult(job.result);
  if (!result) return {};
  if (result->watched_file == 0) GPEN_TRY(RemoveStored(folder_->Output(result->output)));
  for (const auto& name : {result->before, result->after}) {
    if (IsPlainFileName(name)) GPEN_TRY(RemoveStored(folder_->Thumbnail(name)));
  }
  return {};
}

Result<void> PhotoFiles::DeleteInput(const jobs::Job& job) {
  // The adjusted result is the job's own, but stays as long as the job.
  if (job.removing) GPEN_TRY(RemoveAdjustment(*folder_, job.id));
  const auto task = ParseTask(job.payload);
  if (!task || task->watched_file != 0) return {};
  return RemoveStored(folder_->Upload(task->upload));
}

}  // namespace gpen::photos
