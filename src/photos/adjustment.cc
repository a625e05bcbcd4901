#include "photos/adjustment.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/sha256.h"
#include "base/version.h"
#include "photos/stored_file.h"

namespace gpen::photos {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostAdjustmentBytes = 1 << 20;

fs::path AdjustmentPath(const DataFolder& folder, jobs::JobId id) {
  return folder.Faces(fmt::format("{}.json", id));
}

std::string_view NameOfMode(restore::Mode mode) {
  return mode == restore::Mode::kStrong ? "strong" : "natural";
}

// Why the job cannot be blended anew; empty where it can.
std::string WhyNot(const DataFolder& folder, const jobs::Job& job) {
  if (job.input_deleted) return "the original is no longer kept: restore the photo again";
  std::error_code error;
  if (!fs::exists(folder.Faces(FacesName(job)), error)) {
    return "the photo has no restored faces that were kept";
  }
  return "";
}

Result<restore::KeptFaces> ReadKept(const DataFolder& folder, const jobs::Job& job) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadFile(folder.Faces(FacesName(job)), kMostFacesBytes));
  return restore::ParseFaces(bytes);
}

std::string ModelOf(const std::string& report) {
  const Json json = Json::parse(report, nullptr, false);
  return json.is_object() ? json.value("model", "") : "";
}

// How the first result was made.
Adjustment First(const PhotoOptions& options, const restore::KeptFaces& kept) {
  Adjustment first;
  first.mode = options.restore.mode;
  first.protect_tone = options.restore.protect_tone;
  for (const auto& patch : kept.patches) {
    first.strengths.push_back(
        static_cast<int>(std::lround(options.restore.strength * patch.weight)));
  }
  return first;
}

Result<void> Change(std::string_view body, Adjustment* adjustment) {
  const Json json = Json::parse(body, nullptr, false);
  const auto expected = [](std::string_view what) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("expected {}", what));
  };
  if (!json.is_object()) return expected("a JSON object");
  for (const auto& [name, value] : json.items()) {
    if (name == "faces") {
      if (!value.is_array()) return expected("faces: a list of strengths from 0 to 100");
      adjustment->strengths.clear();
      for (const auto& strength : value) {
        if (!strength.is_number_integer() || strength < 0 || strength > 100) {
          return expected("faces: whole numbers from 0 to 100");
        }
        adjustment->strengths.push_back(strength);
      }
    } else if (name == "mode") {
      if (value != "natural" && value != "strong") return expected("mode: natural or strong");
      adjustment->mode = value == "strong" ? restore::Mode::kStrong : restore::Mode::kNatural;
    } else if (name == "protect_tone") {
      if (!value.is_boolean()) return expected("protect_tone: true or false");
      adjustment->protect_tone = value;
    } else {
      return expected(fmt::format("faces, mode or protect_tone, found \"{}\"", name));
    }
  }
  return {};
}

std::string Format(const Adjustment& adjustment) {
  const Json json = {{"strengths", adjustment.strengths},
                     {"mode", NameOfMode(adjustment.mode)},
                     {"protect_tone", adjustment.protect_tone},
                     {"output", adjustment.output},
                     {"after", adjustment.after},
                     {"in_folder", adjustment.in_folder}};
  return json.dump();
}

}  // namespace

std::optional<Adjustment> FindAdjustment(const DataFolder& folder, jobs::JobId id) {
  const auto bytes = ReadFile(AdjustmentPath(folder, id), kMostAdjustmentBytes);
  if (!bytes) return std::nullopt;
  const Json json = Json::parse(AsText(*bytes), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Adjustment adjustment;
  try {
    adjustment.strengths = json.at("strengths").get<std::vector<int>>();
    adjustment.mode =
        json.at("mode") == "strong" ? restore::Mode::kStrong : restore::Mode::kNatural;
    adjustment.protect_tone = json.at("protect_tone");
    adjustment.output = json.at("output");
    adjustment.after = json.at("after");
    adjustment.in_folder = json.value("in_folder", false);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // Not of this version: the first result counts.
  }
  std::error_code error;
  if (!IsPlainFileName(adjustment.output) || !IsPlainFileName(adjustment.after) ||
      !fs::exists(folder.Output(adjustment.output), error)) {
    return std::nullopt;
  }
  return adjustment;
}

Result<PhotoResult> CurrentResult(const DataFolder& folder, const jobs::Job& job) {
  GPEN_ASSIGN_OR_RETURN(auto result, ParseResult(job.result));
  if (const auto adjustment = FindAdjustment(folder, job.id)) {
    result.output = adjustment->output;
    result.after = adjustment->after;
    result.watched_file = 0;  // It lies with us, also after it was put into the folder.
  }
  return result;
}

namespace {

// All that is known of a job's faces, read once.
struct Examined {
  AdjustmentState state;
  PhotoTask task;
  restore::KeptFaces kept;  // Empty where nothing can be adjusted.
};

Result<Examined> Examine(const DataFolder& folder, const jobs::Job& job) {
  if (job.state != jobs::JobState::kDone) {
    return Error(ErrorCode::kConflict,
                 fmt::format("job {} has no result: it is {}", job.id, jobs::NameOf(job.state)));
  }
  Examined examined;
  AdjustmentState& state = examined.state;
  state.unavailable = WhyNot(folder, job);
  GPEN_ASSIGN_OR_RETURN(examined.task, ParseTask(job.payload));
  if (state.unavailable.empty()) {
    GPEN_ASSIGN_OR_RETURN(examined.kept, ReadKept(folder, job));
  }
  state.now = First(examined.task.options, examined.kept);
  if (auto found = FindAdjustment(folder, job.id)) {
    state.adjusted = true;
    state.now = std::move(*found);
  }
  return examined;
}

}  // namespace

Result<AdjustmentState> ReadAdjustment(const DataFolder& folder, const jobs::Job& job) {
  GPEN_ASSIGN_OR_RETURN(auto examined, Examine(folder, job));
  return std::move(examined.state);
}

namespace {

// The job's photo, blended as `wanted` says.
Result<restore::BlendedPhoto> Blend(std::span<const std::byte> original,
                                    const codec::Limits& limits, const jobs::Job& job,
                                    const Examined& examined, const Adjustment& wanted) {
  const auto& [state, task, kept] = examined;
  if (!state.unavailable.empty()) return Error(ErrorCode::kConflict, state.unavailable);
  restore::BlendRequest request;
  request.original = original;
  request.kept = &kept;
  request.strengths = wanted.strengths;
  request.mode = wanted.mode;
  request.protect_tone = wanted.protect_tone;
  request.encode.format = task.options.format;
  request.encode.quality = task.options.quality;
  request.encode.software = kSoftwareName;
  GPEN_ASSIGN_OR_RETURN(const auto first, ParseResult(job.result));
  request.encode.model = ModelOf(first.report);
  request.limits = limits;
  return restore::BlendAgain(request);
}

}  // namespace

Result<void> Adjust(const DataFolder& folder, std::span<const std::byte> original,
                    const codec::Limits& limits, const jobs::Job& job, std::string_view body) {
  GPEN_ASSIGN_OR_RETURN(const auto examined, Examine(folder, job));
  const auto& state = examined.state;
  Adjustment next = state.now;
  GPEN_TRY(Change(body, &next));
  GPEN_ASSIGN_OR_RETURN(const auto blended, Blend(original, limits, job, examined, next));
  GPEN_TRY(folder.CheckSpace(static_cast<std::int64_t>(blended.file.size())));

  // A new name for each choice, so that nobody sees one half of the old and one of the new.
  next.output = next.after = "";
  next.in_folder = false;
  const auto base =
      fmt::format("{}.{}-{}", ResultBase(job), job.id, Sha256(AsBytes(Format(next))).substr(0, 12));
  next.output = base + std::string(codec::ExtensionOf(blended.format));
  next.after = base + ".after.jpg";
  GPEN_TRY(WritePrivately(folder.Thumbnail(next.after), blended.preview));
  GPEN_TRY(WritePrivately(folder.Output(next.output), blended.file));
  GPEN_TRY(WritePrivately(AdjustmentPath(folder, job.id), AsBytes(Format(next))));
  if (state.adjusted && state.now.output != next.output) {
    GPEN_TRY(RemoveStored(folder.Output(state.now.output)));
    GPEN_TRY(RemoveStored(folder.Thumbnail(state.now.after)));
  }
  return {};
}

Result<restore::BlendedPhoto> BlendFirst(const DataFolder& folder,
                                         std::span<const std::byte> original,
                                         const codec::Limits& limits, const jobs::Job& job) {
  GPEN_ASSIGN_OR_RETURN(const auto examined, Examine(folder, job));
  return Blend(original, limits, job, examined, First(examined.task.options, examined.kept));
}

Result<void> NoteInFolder(const DataFolder& folder, jobs::JobId id) {
  auto adjustment = FindAdjustment(folder, id);
  if (!adjustment) return {};
  adjustment->in_folder = true;
  return WritePrivately(AdjustmentPath(folder, id), AsBytes(Format(*adjustment)));
}

Result<void> RemoveAdjustment(const DataFolder& folder, jobs::JobId id) {
  const auto adjustment = FindAdjustment(folder, id);
  GPEN_TRY(RemoveStored(AdjustmentPath(folder, id)));
  if (!adjustment) return {};
  GPEN_TRY(RemoveStored(folder.Output(adjustment->output)));
  return RemoveStored(folder.Thumbnail(adjustment->after));
}

}  // namespace gpen::photos
