#include "service/settings_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "photos/stored_file.h"
#include "restore/model_choice.h"

namespace gpen::service {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostBytes = 64 << 10;
constexpr std::int64_t kMostPauseSeconds = 3600;

}  // namespace

SettingsFile::SettingsFile(std::filesystem::path file, Configuration* configuration,
                           std::vector<std::string>* notices)
    : file_(std::move(file)), models_folder_(configuration->models_folder) {
  values_ = {configuration->pause_between_seconds, configuration->model};
  const auto bytes = ReadFile(file_, kMostBytes);
  if (!bytes) return;  // Nothing was changed so far.
  Values stored = values_;
  if (const auto applied = Apply(AsText(*bytes), &stored); !applied) {
    notices->push_back(
        fmt::format("{} is not used: {}", file_.filename().string(), applied.error().message()));
    return;
  }
  values_ = stored;
  configuration->pause_between_seconds = values_.pause_between_seconds;
  configuration->model = values_.model;
}

SettingsFile::Values SettingsFile::Read() const {
  const std::lock_guard lock(mutex_);
  return values_;
}

Result<void> SettingsFile::Apply(std::string_view text, Values* values) const {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return Error(ErrorCode::kInvalidArgument, "expected a JSON object");
  for (const auto& [name, value] : json.items()) {
    if (name == "pause_between_seconds") {
      if (!value.is_number_integer() || value < 0 || value > kMostPauseSeconds) {
        return Error(ErrorCode::kInvalidArgument,
                     fmt::format("pause_between_seconds: expected a whole number from 0 to {}",
                                 kMostPauseSeconds));
      }
      values->pause_between_seconds = value;
    } else if (name == "model") {
      if (!value.is_string()) return Error(ErrorCode::kInvalidArgument, "model: expected a name");
      values->model = value;
      if (auto checked = restore::CheckModelChoice(models_folder_, values->model); !checked) {
        return std::move(checked).error().WithContext("model");
      }
    } else {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("expected pause_between_seconds or model, found \"{}\"", name));
    }
  }
  return {};
}

Result<SettingsFile::Values> SettingsFile::Change(std::string_view json) {
  const std::lock_guard lock(mutex_);
  Values changed = values_;
  GPEN_TRY(Apply(json, &changed));
  const Json kept = {{"pause_between_seconds", changed.pause_between_seconds},
                     {"model", changed.model}};
  GPEN_TRY(photos::WritePrivately(file_, AsBytes(kept.dump())));
  values_ = changed;
  return changed;
}

std::vector<std::string> SettingsFile::Models() const {
  return restore::ModelNames(models_folder_);
}

}  // namespace gpen::service
