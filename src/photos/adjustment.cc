#include "photos/adjustment.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "photos/stored_file.h"

namespace gpen::photos {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostAdjustmentBytes = 1 << 20;

fs::path AdjustmentPath(const DataFolder& folder, jobs::JobId id) {
  return folder.Faces(fmt::format("{}.json", id));
}

Error Expected(std::string_view what) {
  return Error(ErrorCode::kInvalidArgument, fmt::format("expected {}", what));
}

// Takes the option `name` from a JSON value.
Result<void> Take(std::string_view name, const Json& value, restore::PhotoOptions* options) {
  if (value.is_structured()) return Expected(fmt::format("{}: one value, found several", name));
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return restore::SetOption(name, text, restore::OptionSetter::kApi, options);
}

Result<std::vector<int>> ReadStrengths(const Json& json) {
  if (!json.is_array()) return Expected("faces: a list of strengths");
  std::vector<int> strengths;
  restore::PhotoOptions options;
  for (const auto& strength : json) {
    auto taken = Take("strength", strength, &options);
    if (!taken) return std::move(taken).error().WithContext("faces");
    strengths.push_back(options.restore.strength);
  }
  return strengths;
}

std::optional<Adjustment> ParseAdjustment(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Adjustment adjustment;
  try {
    adjustment.strengths = json.at("strengths").get<std::vector<int>>();
    const auto mode = restore::FromName<restore::Mode>(json.at("mode").get<std::string>());
    if (!mode) return std::nullopt;
    adjustment.mode = *mode;
    adjustment.protect_tone = json.at("protect_tone");
    adjustment.output = json.at("output");
    adjustment.after = json.at("after");
    adjustment.in_folder = json.value("in_folder", false);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // Not of this version: the first result counts.
  }
  if (!IsPlainFileName(adjustment.output) || !IsPlainFileName(adjustment.after)) {
    return std::nullopt;
  }
  return adjustment;
}

// What faces/ID.json says, whether the files that it names are there or not.
std::optional<Adjustment> ReadStored(const DataFolder& folder, jobs::JobId id) {
  const auto bytes = ReadFile(AdjustmentPath(folder, id), kMostAdjustmentBytes);
  return bytes ? ParseAdjustment(AsText(*bytes)) : std::nullopt;
}

}  // namespace

Result<void> SetFromJson(std::string_view text, Adjustment* adjustment) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return Expected("a JSON object");
  restore::PhotoOptions options;
  options.restore.mode = adjustment->mode;
  options.restore.protect_tone = adjustment->protect_tone;
  for (const auto& [name, value] : json.items()) {
    if (name == "faces") {
      GPEN_ASSIGN_OR_RETURN(adjustment->strengths, ReadStrengths(value));
    } else if (name == "mode" || name == "protect_tone") {
      GPEN_TRY(Take(name, value, &options));
    } else {
      return Expected(fmt::format("faces, mode or protect_tone, found \"{}\"", name));
    }
  }
  adjustment->mode = options.restore.mode;
  adjustment->protect_tone = options.restore.protect_tone;
  return {};
}

std::string FormatAdjustment(const Adjustment& adjustment) {
  const Json json = {{"strengths", adjustment.strengths},
                     {"mode", restore::NameOf(adjustment.mode)},
                     {"protect_tone", adjustment.protect_tone},
                     {"output", adjustment.output},
                     {"after", adjustment.after},
                     {"in_folder", adjustment.in_folder}};
  return json.dump();
}

std::optional<Adjustment> FindAdjustment(const DataFolder& folder, jobs::JobId id) {
  auto adjustment = ReadStored(folder, id);
  std::error_code error;
  if (adjustment && !fs::exists(folder.Output(adjustment->output), error)) return std::nullopt;
  return adjustment;
}

Result<void> StoreAdjustment(const DataFolder& folder, jobs::JobId id,
                             const Adjustment& adjustment) {
  return WritePrivately(AdjustmentPath(folder, id), AsBytes(FormatAdjustment(adjustment)));
}

Result<void> RemoveAdjustment(const DataFolder& folder, jobs::JobId id) {
  // Its own file goes last: after a crash it still names what is left of the others.
  if (const auto adjustment = ReadStored(folder, id)) {
    GPEN_TRY(RemoveStored(folder.Output(adjustment->output)));
    GPEN_TRY(RemoveStored(folder.Thumbnail(adjustment->after)));
  }
  return RemoveStored(AdjustmentPath(folder, id));
}

Result<PhotoResult> CurrentResult(const DataFolder& folder, const PhotoJob& job) {
  GPEN_ASSIGN_OR_RETURN(auto result, job.FirstResult());
  if (const auto adjustment = FindAdjustment(folder, job.job.id)) {
    result.place = StoredResult{adjustment->output};
    result.after = adjustment->after;
  }
  return result;
}

}  // namespace gpen::photos
