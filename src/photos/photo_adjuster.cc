#include "photos/photo_adjuster.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/sha256.h"
#include "codec/sniff.h"
#include "photos/photo_key.h"
#include "photos/stored_file.h"
#include "restore/kept_faces.h"

namespace gpen::photos {
namespace {

constexpr std::int64_t kMostResultBytes = std::int64_t{4} << 30;

// Why the job cannot be blended anew; empty where it can.
std::string WhyNot(const DataFolder& folder, const jobs::Job& job) {
  if (job.input_deleted) return "the original is no longer kept: restore the photo again";
  std::error_code error;
  if (!std::filesystem::exists(folder.Faces(FacesName(job)), error)) {
    return "the photo has no restored faces that were kept";
  }
  return "";
}

std::string ModelOf(const std::string& report) {
  const auto json = nlohmann::json::parse(report, nullptr, false);
  return json.is_object() ? json.value("model", "") : "";
}

// How the first result was made.
Adjustment FirstSettings(const restore::PhotoOptions& options, const restore::KeptFaces& kept) {
  Adjustment first;
  first.mode = options.restore.mode;
  first.protect_tone = options.restore.protect_tone;
  for (const auto& patch : kept.patches) {
    first.strengths.push_back(
        static_cast<int>(std::lround(options.restore.strength * patch.weight)));
  }
  return first;
}

// All that is known of a job's faces, read once.
struct Faces {
  std::string unavailable;      // As in AdjustmentState.
  std::vector<std::byte> file;  // As it is kept; empty where nothing can be adjusted.
  Adjustment first;
};

Result<Faces> ReadFaces(const DataFolder& folder, const PhotoJob& job) {
  GPEN_TRY(job.FirstResult());
  Faces faces;
  restore::KeptFaces kept;
  faces.unavailable = WhyNot(folder, job.job);
  if (faces.unavailable.empty()) {
    GPEN_ASSIGN_OR_RETURN(faces.file, ReadFile(folder.Faces(FacesName(job.job)), kMostFacesBytes));
    GPEN_ASSIGN_OR_RETURN(kept, restore::ParseFaces(faces.file));
  }
  faces.first = FirstSettings(job.task.options, kept);
  return faces;
}

// The photo `original`, blended as `wanted` says.
Result<restore::BlendedPhoto> Blend(std::span<const std::byte> original, const PhotoJob& job,
                                    const Faces& faces, const Adjustment& wanted,
                                    restore::PhotoWork* work) {
  if (!faces.unavailable.empty()) return Error(ErrorCode::kConflict, faces.unavailable);
  GPEN_ASSIGN_OR_RETURN(const auto first, job.FirstResult());
  restore::BlendWork blend;
  blend.original = original;
  blend.faces = faces.file;
  blend.strengths = wanted.strengths;
  blend.options = job.task.options;
  blend.options.restore.mode = wanted.mode;
  blend.options.restore.protect_tone = wanted.protect_tone;
  blend.model = ModelOf(first.report);
  return work->Blend(blend);
}

// A new name for each adjustment, so that nobody sees one half of the old and one of the new.
void NameFiles(const jobs::Job& job, codec::Format format, Adjustment* adjustment) {
  adjustment->output = adjustment->after = "";
  adjustment->in_folder = false;
  const auto base = fmt::format("{}.{}-{}", ResultBase(job), job.id,
                                Sha256(AsBytes(FormatAdjustment(*adjustment))).substr(0, 12));
  adjustment->output = base + std::string(codec::ExtensionOf(format));
  adjustment->after = base + ".after.jpg";
}

}  // namespace

Result<std::vector<std::byte>> PhotoAdjuster::ReadOriginal(const PhotoJob& job) const {
  auto original = places_->ReadOriginal(job, limits_.max_file_bytes);
  if (!original && original.error().code() == ErrorCode::kNotFound) {
    return Error(ErrorCode::kConflict, original.error().message());
  }
  return original;
}

Result<AdjustmentState> PhotoAdjuster::Read(const PhotoJob& job) const {
  GPEN_ASSIGN_OR_RETURN(auto faces, ReadFaces(*folder_, job));
  AdjustmentState state;
  state.unavailable = std::move(faces.unavailable);
  state.now = std::move(faces.first);
  if (auto found = FindAdjustment(*folder_, job.job.id)) {
    state.adjusted = true;
    state.now = *std::move(found);
  }
  if (state.unavailable.empty()) {
    const auto original = places_->PlaceOriginal(job);
    if (!original) state.unavailable = original.error().message();
  }
  GPEN_ASSIGN_OR_RETURN(const auto* place, places_->Of(job.task));
  GPEN_ASSIGN_OR_RETURN(const auto folder_is_adjusted, place->OutputFolderIsAdjusted(job.task));
  if (folder_is_adjusted) {
    state.in_folder = state.adjusted ? state.now.in_folder : !*folder_is_adjusted;
  }
  return state;
}

Result<void> PhotoAdjuster::Adjust(const PhotoJob& job, std::string_view wanted) const {
  GPEN_ASSIGN_OR_RETURN(const auto faces, ReadFaces(*folder_, job));
  const auto before = FindAdjustment(*folder_, job.job.id);
  Adjustment next = before.value_or(faces.first);
  GPEN_TRY(SetFromJson(wanted, &next));
  GPEN_ASSIGN_OR_RETURN(const auto original, ReadOriginal(job));
  GPEN_ASSIGN_OR_RETURN(const auto blended, Blend(original, job, faces, next, work_));
  GPEN_TRY(folder_->CheckSpace(static_cast<std::int64_t>(blended.file.size())));
  NameFiles(job.job, blended.format, &next);
  GPEN_TRY(WritePrivately(folder_->Thumbnail(next.after), blended.preview));
  GPEN_TRY(WritePrivately(folder_->Output(next.output), blended.file));
  GPEN_TRY(StoreAdjustment(*folder_, job.job.id, next));
  if (before && before->output != next.output) {
    GPEN_TRY(RemoveStored(folder_->Output(before->output)));
    GPEN_TRY(RemoveStored(folder_->Thumbnail(before->after)));
  }
  return {};
}

Result<void> PhotoAdjuster::PutIntoFolder(const PhotoJob& job) const {
  GPEN_ASSIGN_OR_RETURN(const auto* place, places_->Of(job.task));
  GPEN_ASSIGN_OR_RETURN(const auto folder_is_adjusted, place->OutputFolderIsAdjusted(job.task));
  auto adjustment = FindAdjustment(*folder_, job.job.id);
  if (!folder_is_adjusted || !adjustment) {
    return Error(ErrorCode::kConflict,
                 "expected a photo of a watched folder whose faces were changed: there is nothing "
                 "to put into a folder");
  }
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        ReadFile(folder_->Output(adjustment->output), kMostResultBytes));
  GPEN_ASSIGN_OR_RETURN(const auto format, codec::SniffFormat(bytes));
  GPEN_TRY(place->ReplaceResult(job.task, bytes, format, ResultKind::kAdjusted));
  adjustment->in_folder = true;
  return StoreAdjustment(*folder_, job.job.id, *adjustment);
}

// Makes the first result again. Where the photo is no longer there, the folder keeps what it has.
Result<void> PhotoAdjuster::PutFirstResultBack(const PhotoJob& job) const {
  const auto put = [&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(const auto faces, ReadFaces(*folder_, job));
    GPEN_ASSIGN_OR_RETURN(const auto original, ReadOriginal(job));
    GPEN_ASSIGN_OR_RETURN(const auto first, Blend(original, job, faces, faces.first, work_));
    GPEN_ASSIGN_OR_RETURN(const auto* place, places_->Of(job.task));
    return place->ReplaceResult(job.task, first.file, first.format, ResultKind::kFirst);
  };
  const auto outcome = put();
  if (!outcome && outcome.error().code() != ErrorCode::kNotFound &&
      outcome.error().code() != ErrorCode::kConflict) {
    return outcome.error();
  }
  return {};
}

Result<void> PhotoAdjuster::Reset(const PhotoJob& job) const {
  if (FindAdjustment(*folder_, job.job.id)) {
    // The place knows what lies in the folder, also where a later adjustment was not put there.
    GPEN_ASSIGN_OR_RETURN(const auto* place, places_->Of(job.task));
    GPEN_ASSIGN_OR_RETURN(const auto folder_is_adjusted, place->OutputFolderIsAdjusted(job.task));
    if (folder_is_adjusted.value_or(false)) GPEN_TRY(PutFirstResultBack(job));
  }
  return RemoveAdjustment(*folder_, job.job.id);
}

}  // namespace gpen::photos
