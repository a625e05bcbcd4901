#include <fmt/format.h>

#include "api/job_json.h"
#include "api/job_lookup.h"
#include "api/json.h"
#include "api/output_file.h"
#include "api/query.h"
#include "api/routes.h"
#include "api/submission.h"
#include "api/thumbnail.h"
#include "http/file_response.h"
#include "photos/adjustment.h"

namespace gpen::api {
namespace {

Result<http::Response> Answer(const ApiContext& context, Result<jobs::Job> job) {
  if (!job) return std::move(job).error();
  return JsonResponse(JobToJson(*job, context.job_view()));
}

Result<http::Response> ListJobs(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto filter, JobFilterOf(context, request));
  GPEN_ASSIGN_OR_RETURN(const auto found, context.store->List(filter));
  const auto to_json = [&](const jobs::Job& job) { return JobToJson(job, context.job_view()); };
  return JsonResponse(
      {{"jobs", JsonList(found, to_json)}, {"next_before", NextBefore(found, filter.limit)}});
}

// The name of the batch that is to be made for the photos; nothing where none is.
std::optional<std::string> NewBatchOf(const Upload& upload) {
  if (!IsBatch(upload) || upload.batch_id != 0) return std::nullopt;
  return upload.batch.value_or(
      fmt::format("{} and {} more", upload.photos.front().name, upload.photos.size() - 1));
}

Result<http::Response> Submit(const ApiContext& context, const Upload& upload) {
  GPEN_ASSIGN_OR_RETURN(const auto submitted,
                        SubmitPhotos(context, upload, PriorityOf(upload), NewBatchOf(upload)));
  Json batch;
  if (const auto id = submitted.front().job.batch; id != 0) {
    GPEN_ASSIGN_OR_RETURN(const auto found, context.store->FindBatch(id));
    batch = BatchToJson(found, context.people);
  }
  const auto job_of = [&](const jobs::Submitted& one) {
    return JobToJson(one.job, context.job_view());
  };
  return JsonResponse({{"jobs", JsonList(submitted, job_of)}, {"batch", std::move(batch)}}, 201);
}

Result<http::Response> Delete(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const jobs::JobId id, ParseId(request, "job"));
  GPEN_ASSIGN_OR_RETURN(const bool for_good, QuerySwitch(request, "for_good"));
  GPEN_TRY(for_good || context.bin_days == 0 ? context.store->Delete(id) : context.store->Bin(id));
  return SuccessResponse();
}

Result<http::Response> Cancel(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const jobs::JobId id, ParseId(request, "job"));
  return Answer(context, context.store->Cancel(id));
}

Result<http::Response> Retry(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const jobs::JobId id, ParseId(request, "job"));
  return Answer(context, context.store->Retry(id));
}

Result<http::Response> ResultFile(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto job, FindPhotoJob(context, request));
  GPEN_ASSIGN_OR_RETURN(const auto result, photos::CurrentResult(*context.folder, job));
  http::Presentation presentation;
  if (request.target.Query("download").value_or("0") != "0") {
    presentation.download_name = ResultName(job.job.name, photos::AddressOf(result));
  }
  // Only what lies in outputs/ can go through nginx.
  if (const auto* stored = std::get_if<photos::StoredResult>(&result.place)) {
    return OutputResponse(context, request, stored->file, presentation.download_name);
  }
  GPEN_ASSIGN_OR_RETURN(const auto placed, context.places->PlaceResult(result));
  return http::FileResponse(request, placed.path, presentation);
}

Result<http::Response> Report(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto job, FindPhotoJob(context, request));
  GPEN_ASSIGN_OR_RETURN(const auto result, photos::CurrentResult(*context.folder, job));
  if (result.report.empty()) {
    return Error(ErrorCode::kNotFound,
                 "the result was taken from an earlier run: it has no report");
  }
  auto report = Json::parse(result.report, nullptr, false);
  // Equal photos share a report, but not the name of whoever's was restored first.
  if (report.is_object() && report.contains("input") && report["input"] != job.job.name) {
    report["input"] = job.job.name;
    return JsonResponse(report);
  }
  return http::JsonResponse(200, result.report);
}

}  // namespace

void AddJobRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  router->AddStream(Method::kPost, "/api/v1/jobs", [context](const Request& request) {
    return UploadReader::Begin(request, context->upload_rules,
                               [context](const Upload& upload, const http::Responder& responder) {
                                 responder.Send(Submit(*context, upload));
                               });
  });
  const auto add = [&](Method method, std::string_view path, auto* handler) {
    router->Add(method, path,
                [context, handler](const Request& request) { return handler(*context, request); });
  };
  add(Method::kGet, "/api/v1/jobs", &ListJobs);
  router->Add(Method::kGet, "/api/v1/jobs/{id}", [context](const Request& request) {
    return Answer(*context, FindJob(*context, request));
  });
  add(Method::kDelete, "/api/v1/jobs/{id}", &Delete);
  add(Method::kPost, "/api/v1/jobs/{id}/cancel", &Cancel);
  add(Method::kPost, "/api/v1/jobs/{id}/retry", &Retry);
  add(Method::kGet, "/api/v1/jobs/{id}/result", &ResultFile);
  for (const auto which : {Thumbnail::kBefore, Thumbnail::kAfter, Thumbnail::kMask}) {
    router->Add(Method::kGet, fmt::format("/api/v1/jobs/{{id}}/{}", NameOf(which)),
                [context, which](const Request& request) -> Result<http::Response> {
                  GPEN_ASSIGN_OR_RETURN(const auto job, FindPhotoJob(*context, request));
                  return ThumbnailResponse(*context, request, job, which);
                });
  }
  add(Method::kGet, "/api/v1/jobs/{id}/report", &Report);
}

}  // namespace gpen::api
