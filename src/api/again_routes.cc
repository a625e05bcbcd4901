#include "api/job_json.h"
#include "api/job_lookup.h"
#include "api/json.h"
#include "api/routes.h"
#include "api/submission.h"
#include "restore/photo_options.h"

namespace gpen::api {
namespace {

constexpr std::int64_t kMaxOptions = 3 * restore::kMostOptionBytes;

// The photo of `job` as an upload of its own, so that either job may be deleted without the other.
Result<ReceivedPhoto> CopyOriginal(const ApiContext& context, const photos::PhotoJob& job) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, context.places->ReadOriginal(
                                              job, context.upload_rules.limits.max_file_bytes));
  GPEN_ASSIGN_OR_RETURN(auto receiver, PhotoReceiver::Begin(context.upload_rules, job.job.name));
  GPEN_TRY(receiver.Write(bytes));
  return receiver.Finish();
}

// Options that are not given are those of the job.
Result<http::Response> Again(const ApiContext& context, const http::Request& request,
                             std::string_view body) {
  GPEN_ASSIGN_OR_RETURN(const auto job, FindPhotoJob(context, request));
  Upload upload;
  upload.options = job.task.options;
  upload.added_by = AdderOf(request);
  GPEN_TRY(restore::SetOptionsFromJson(body, restore::OptionSetter::kApi, &upload.options));
  GPEN_TRY(context.models->Check(upload.options));  // Before the photo is read.
  GPEN_ASSIGN_OR_RETURN(auto photo, CopyOriginal(context, job));
  upload.photos.push_back(std::move(photo));
  GPEN_ASSIGN_OR_RETURN(
      const auto submitted,
      SubmitPhotos(context, upload, jobs::JobPriority::kInteractive, std::nullopt));
  return JsonResponse(JobToJson(submitted.front().job, context.job_view()), 201);
}

}  // namespace

void AddAgainRoutes(const ApiContext* context, http::Router* router) {
  router->AddText(http::Method::kPost, "/api/v1/jobs/{id}/again", kMaxOptions,
                  [context](const http::Request& request, std::string_view body) {
                    return Again(*context, request, body);
                  });
}

}  // namespace gpen::api
