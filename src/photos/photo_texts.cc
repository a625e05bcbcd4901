#include "photos/photo_texts.h"

#include <nlohmann/json.hpp>

#include "photos/data_folder.h"

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
  const auto* uploaded = std::get_if<UploadedPhoto>(&task.source);
  const auto* external = std::get_if<ExternalPhoto>(&task.source);
  Json json = {{"upload", uploaded != nullptr ? uploaded->file : ""},
               {"options", restore::CanonicalJson(task.options)}};
  if (external != nullptr) {
    json["watched_file"] = external->row;
    json["generation"] = external->generation;
  }
  if (task.pixels > 0) json["pixels"] = task.pixels;
  return json.dump();
}

Result<PhotoTask> ParseTask(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  PhotoTask task;
  if (const auto row = Whole(json, "watched_file"); row != 0) {
    task.source = ExternalPhoto{row, Whole(json, "generation")};
  } else if (auto upload = Text(json, "upload"); IsPlainFileName(upload)) {
    task.source = UploadedPhoto{std::move(upload)};
  } else {
    return Error(ErrorCode::kInternal, "the job names no upload: was it made by another program?");
  }
  GPEN_ASSIGN_OR_RETURN(task.options, restore::ParseCanonicalJson(Text(json, "options")));
  task.pixels = Whole(json, "pixels");
  return task;
}

std::string FormatResult(const PhotoResult& result) {
  const auto* stored = std::get_if<StoredResult>(&result.place);
  const auto* external = std::get_if<ExternalResult>(&result.place);
  Json json = {{"output", stored != nullptr ? stored->file : external->path},
               {"before", result.before},
               {"after", result.after},
               {"seconds", result.seconds},
               {"report", result.report}};
  if (!result.mask.empty()) json["mask"] = result.mask;
  if (external != nullptr) json["watched_file"] = external->row;
  if (!result.machine.empty()) json["machine"] = result.machine;
  // Paths of people's folders are bytes of any encoding.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<PhotoResult> ParseResult(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  PhotoResult result;
  auto output = Text(json, "output");
  if (const auto row = Whole(json, "watched_file"); row != 0) {
    result.place = ExternalResult{row, std::move(output)};
  } else if (IsPlainFileName(output)) {
    result.place = StoredResult{std::move(output)};
  } else {
    return Error(ErrorCode::kInternal, "the job has no result");
  }
  result.before = Text(json, "before");
  result.after = Text(json, "after");
  result.mask = Text(json, "mask");
  result.report = Text(json, "report");
  result.machine = Text(json, "machine");
  if (json.contains("seconds") && json["seconds"].is_number()) result.seconds = json["seconds"];
  return result;
}

}  // namespace gpen::photos
