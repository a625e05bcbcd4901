#include "api/job_lookup.h"
#include "api/json.h"
#include "api/routes.h"
#include "photos/photo_adjuster.h"

namespace gpen::api {
namespace {

enum class Change : std::uint8_t { kNone, kAdjust, kPutIntoFolder, kReset };

// "in_folder" is null but for watched photos.
Result<http::Response> Answer(const ApiContext& context, const photos::PhotoJob& job) {
  GPEN_ASSIGN_OR_RETURN(const auto state, context.adjuster->Read(job));
  return JsonResponse(
      {{"available", state.unavailable.empty()},
       {"reason", state.unavailable.empty() ? Json(nullptr) : Json(state.unavailable)},
       {"adjusted", state.adjusted},
       {"in_folder", state.in_folder ? Json(*state.in_folder) : Json(nullptr)},
       {"faces", state.now.strengths},
       {"mode", restore::NameOf(state.now.mode)},
       {"protect_tone", state.now.protect_tone}});
}

Result<void> Adjust(const ApiContext& context, const photos::PhotoJob& job,
                    const std::string& body) {
  GPEN_TRY(context.adjuster->Adjust(job, body));
  // Deleted meanwhile: nobody would come to delete what was just written.
  if (!context.store->Find(job.job.id)) {
    GPEN_TRY(photos::RemoveAdjustment(*context.folder, job.job.id));
  }
  return {};
}

Result<http::Response> Perform(const ApiContext& context, const http::Request& request,
                               Change change, const std::string& body) {
  GPEN_ASSIGN_OR_RETURN(const auto job, FindPhotoJob(context, request));
  if (change == Change::kAdjust) GPEN_TRY(Adjust(context, job, body));
  if (change == Change::kPutIntoFolder) GPEN_TRY(context.adjuster->PutIntoFolder(job));
  if (change == Change::kReset) GPEN_TRY(context.adjuster->Reset(job));
  return Answer(context, job);
}

}  // namespace

void AddAdjustmentRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  const auto add = [&](Method method, const std::string& path, Change change) {
    router->AddDeferred(method, path, 64 << 10,
                        [context, change](const http::Request& request, std::string_view body,
                                          const http::Responder& responder) {
                          context->pictures->Add(
                              request.remote_address, responder,
                              [context, change, request, text = std::string(body)] {
                                return Perform(*context, request, change, text);
                              });
                        });
  };
  const std::string path = "/api/v1/jobs/{id}/blend";
  add(Method::kGet, path, Change::kNone);
  add(Method::kPost, path, Change::kAdjust);
  add(Method::kDelete, path, Change::kReset);
  add(Method::kPost, path + "/folder", Change::kPutIntoFolder);
}

}  // namespace gpen::api
