#include <fmt/format.h>

#include "api/output_file.h"
#include "api/routes.h"
#include "api/submission.h"

namespace gpen::api {
namespace {

Result<jobs::JobId> SubmitOne(const ApiContext& context, Upload upload) {
  if (upload.photos.size() != 1) {
    DeletePhotos(upload.photos, *context.folder);
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("expected one photo, found {}: /api/v1/jobs takes many", upload.photos.size()));
  }
  upload.batch_id = 0;  // Somebody waits for this photo alone.
  GPEN_ASSIGN_OR_RETURN(const auto submitted,
                        SubmitPhotos(context, upload, jobs::JobPriority::kInteractive, {}));
  return submitted.front().job.id;
}

void Enhance(const ApiContext& context, Upload upload, const http::Responder& responder) {
  auto id = SubmitOne(context, std::move(upload));
  if (!id) return responder.Send(std::move(id).error());
  context.waiters->Add(*id, responder);
  // It may have finished before anybody waited for it.
  const auto job = context.store->Find(*id);
  if (job && jobs::IsFinished(job->state)) context.waiters->Answer(*job);
}

}  // namespace

void AddEnhanceRoutes(const ApiContext* context, http::Router* router) {
  router->AddStream(http::Method::kPost, "/enhance", [context](const http::Request& request) {
    return UploadReader::Begin(request, context->upload_rules,
                               [context](const Upload& upload, const http::Responder& responder) {
                                 Enhance(*context, upload, responder);
                               });
  });
  router->Add(http::Method::kGet, "/outputs/{file}", [context](const http::Request& request) {
    return OutputResponse(*context, request, std::string(request.PathParameter("file")), "");
  });
}

}  // namespace gpen::api
