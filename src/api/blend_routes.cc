#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/routes.h"
#include "base/file.h"
#include "codec/sniff.h"
#include "photos/adjustment.h"
#include "photos/photo_job.h"
#include "watching/watch_keeper.h"

namespace gpen::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostResultBytes = std::int64_t{4} << 30;

enum class Change : std::uint8_t { kNone, kBlend, kPutIntoFolder, kReset };

Result<jobs::Job> FindJob(const ApiContext& context, const http::Request& request) {
  const auto id = ParseWhole("job id", request.PathParameter("id"), 1, std::int64_t{1} << 62);
  if (!id) return Error(ErrorCode::kNotFound, "no such job");
  return context.store->Find(*id);
}

// "in_folder" is null but for watched photos.
Result<http::Response> Answer(const ApiContext& context, const jobs::Job& job) {
  GPEN_ASSIGN_OR_RETURN(auto state, photos::ReadAdjustment(*context.folder, job));
  GPEN_ASSIGN_OR_RETURN(const auto task, photos::ParseTask(job.payload));
  if (state.unavailable.empty()) {
    if (const auto original = OriginalOf(context, job); !original) {
      state.unavailable = original.error().message();
    }
  }
  Json in_folder;
  if (task.watched_file != 0) {
    GPEN_ASSIGN_OR_RETURN(const bool holds_choice, context.watch->HoldsChoice(task));
    in_folder = state.adjusted ? state.now.in_folder : !holds_choice;
  }
  const Json json = {
      {"available", state.unavailable.empty()},
      {"reason", state.unavailable.empty() ? Json(nullptr) : Json(state.unavailable)},
      {"adjusted", state.adjusted},
      {"in_folder", in_folder},
      {"faces", state.now.strengths},
      {"mode", state.now.mode == restore::Mode::kStrong ? "strong" : "natural"},
      {"protect_tone", state.now.protect_tone}};
  auto response = http::JsonResponse(200, json.dump());
  response.Set("Cache-Control", "no-store");
  return response;
}

Result<void> Blend(const ApiContext& context, const jobs::Job& job, const std::string& body) {
  const auto original = ReadOriginal(context, job);
  if (!original && original.error().code() == ErrorCode::kNotFound) {
    return Error(ErrorCode::kConflict, original.error().message());
  }
  GPEN_TRY(original);
  GPEN_TRY(photos::Adjust(*context.folder, *original, context.upload_rules.limits, job, body));
  // Deleted meanwhile: nobody would come to delete what was just written.
  if (!context.store->Find(job.id)) GPEN_TRY(photos::RemoveAdjustment(*context.folder, job.id));
  return {};
}

// Puts the adjusted result of a watched photo into its output folder.
Result<void> PutIntoFolder(const ApiContext& context, const jobs::Job& job) {
  GPEN_ASSIGN_OR_RETURN(const auto task, photos::ParseTask(job.payload));
  const auto adjustment = photos::FindAdjustment(*context.folder, job.id);
  if (task.watched_file == 0 || !adjustment) {
    return Error(ErrorCode::kConflict,
                 "expected a photo of a watched folder whose faces were changed: there is nothing "
                 "to put into a folder");
  }
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        ReadFile(context.folder->Output(adjustment->output), kMostResultBytes));
  GPEN_ASSIGN_OR_RETURN(const auto format, codec::SniffFormat(bytes));
  GPEN_TRY(context.watch->ReplaceResult(task, bytes, format, /*is_first=*/false));
  return photos::NoteInFolder(*context.folder, job.id);
}

// Makes the first result again in the output folder. Where the photo is no longer there, the folder
// keeps what it has.
Result<void> PutFirstBack(const ApiContext& context, const jobs::Job& job,
                          const photos::PhotoTask& task) {
  const auto put = [&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(const auto original, ReadOriginal(context, job));
    GPEN_ASSIGN_OR_RETURN(const auto first, photos::BlendFirst(*context.folder, original,
                                                               context.upload_rules.limits, job));
    return context.watch->ReplaceResult(task, first.file, first.format, /*is_first=*/true);
  };
  const auto outcome = put();
  if (!outcome && outcome.error().code() != ErrorCode::kNotFound &&
      outcome.error().code() != ErrorCode::kConflict) {
    return outcome.error();
  }
  return {};
}

Result<void> Reset(const ApiContext& context, const jobs::Job& job) {
  GPEN_ASSIGN_OR_RETURN(const auto task, photos::ParseTask(job.payload));
  if (task.watched_file != 0 && photos::FindAdjustment(*context.folder, job.id)) {
    // The ledger knows what lies in the folder, also where a later choice was not put there.
    GPEN_ASSIGN_OR_RETURN(const bool holds_choice, context.watch->HoldsChoice(task));
    if (holds_choice) GPEN_TRY(PutFirstBack(context, job, task));
  }
  return photos::RemoveAdjustment(*context.folder, job.id);
}

Result<http::Response> Perform(const ApiContext& context, const http::Request& request,
                               Change change, const std::string& body) {
  GPEN_ASSIGN_OR_RETURN(const auto job, FindJob(context, request));
  if (change == Change::kBlend) GPEN_TRY(Blend(context, job, body));
  if (change == Change::kPutIntoFolder) GPEN_TRY(PutIntoFolder(context, job));
  if (change == Change::kReset) GPEN_TRY(Reset(context, job));
  return Answer(context, job);
}

}  // namespace

void AddBlendRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  const auto add = [&](Method method, const std::string& path, Change change) {
    router->AddDeferred(method, path, 64 << 10,
                        [context, change](const http::Request& request, std::string_view body,
                                          const http::Responder& responder) {
                          context->pictures->Add(
                              responder, [context, change, request, text = std::string(body)] {
                                return Perform(*context, request, change, text);
                              });
                        });
  };
  const std::string path = "/api/v1/jobs/{id}/blend";
  add(Method::kGet, path, Change::kNone);
  add(Method::kPost, path, Change::kBlend);
  add(Method::kDelete, path, Change::kReset);
  add(Method::kPost, path + "/folder", Change::kPutIntoFolder);
}

}  // namespace gpen::api
