#include <fmt/format.h>

#include "api/job_json.h"
#include "api/routes.h"
#include "http/file_response.h"
#include "photos/adjustment.h"
#include "photos/photo_job.h"
#include "watching/watch_keeper.h"

namespace gpen::api {
namespace {

Result<jobs::JobId> IdOf(const http::Request& request) {
  auto id = ParseWhole("job id", request.PathParameter("id"), 1, std::int64_t{1} << 62);
  if (!id) return Error(ErrorCode::kNotFound, "no such job");
  return id;
}

Result<jobs::Job> FindJob(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto id, IdOf(request));
  return context.store->Find(id);
}

// The result of the done job that `request` names.
Result<photos::PhotoResult> FindResult(const ApiContext& context, const http::Request& request,
                                       std::string* name) {
  GPEN_ASSIGN_OR_RETURN(const auto job, FindJob(context, request));
  if (job.state != jobs::JobState::kDone) {
    return Error(ErrorCode::kConflict,
                 fmt::format("job {} has no result: it is {}", job.id, jobs::NameOf(job.state)));
  }
  *name = job.name;
  return photos::CurrentResult(*context.folder, job);
}

http::Response Answer(const Result<jobs::Job>& job) {
  if (!job) return http::ErrorResponse(job.error());
  auto response = http::JsonResponse(200, JobToJson(*job));
  response.Set("Cache-Control", "no-store");
  return response;
}

http::Response ListJobs(const ApiContext& context, const http::Request& request) {
  const auto filter = ParseJobFilter(request);
  if (!filter) return http::ErrorResponse(filter.error());
  const auto found = context.store->List(*filter);
  if (!found) return http::ErrorResponse(found.error());
  std::vector<std::string> items;
  for (const auto& job : *found) items.push_back(JobToJson(job));
  const bool is_full = static_cast<int>(found->size()) == filter->limit;
  auto response =
      http::JsonResponse(200, fmt::format(R"({{"jobs":{},"next_before":{}}})", JsonList(items),
                                          is_full ? std::to_string(found->back().id) : "null"));
  response.Set("Cache-Control", "no-store");
  return response;
}

Result<std::string> Submit(const ApiContext& context, const Upload& upload) {
  const bool many = upload.photos.size() > 1 || upload.batch || upload.batch_id != 0;
  const auto priority = upload.priority
                            ? jobs::JobPriorityFromName(*upload.priority)
                            : (many ? jobs::JobPriority::kBatch : jobs::JobPriority::kInteractive);
  jobs::BatchId batch = upload.batch_id;
  if (many && batch == 0) {
    auto created = context.store->CreateBatch(upload.batch.value_or(
        fmt::format("{} and {} more", upload.photos.front().name, upload.photos.size() - 1)));
    if (!created) {
      DeletePhotos(upload.photos, *context.folder);
      return std::move(created).error();
    }
    batch = created->id;
  }
  GPEN_ASSIGN_OR_RETURN(const auto submitted, SubmitPhotos(context, upload, *priority, batch));
  std::vector<std::string> items;
  for (const auto& one : submitted) items.push_back(JobToJson(one.job));
  std::string batch_json = "null";
  if (batch != 0) {
    GPEN_ASSIGN_OR_RETURN(const auto found, context.store->FindBatch(batch));
    batch_json = BatchToJson(found);
  }
  return fmt::format(R"({{"jobs":{},"batch":{}}})", JsonList(items), batch_json);
}

http::Response Thumbnail(const ApiContext& context, const http::Request& request,
                         std::string photos::PhotoResult::*which) {
  std::string name;
  const auto result = FindResult(context, request, &name);
  if (!result) return http::ErrorResponse(result.error());
  const std::string& file = (*result).*which;
  if (!photos::IsPlainFileName(file)) {
    return http::ErrorResponse(Error(ErrorCode::kNotFound, "the job has no thumbnail"));
  }
  auto response = http::FileResponse(request, context.folder->Thumbnail(file), {});
  return response ? std::move(*response) : http::ErrorResponse(response.error());
}

http::Response ResultFile(const ApiContext& context, const http::Request& request) {
  std::string name;
  const auto result = FindResult(context, request, &name);
  if (!result) return http::ErrorResponse(result.error());
  const bool download = request.target.Query("download").value_or("0") != "0";
  if (result->watched_file != 0) {
    const auto placed = context.watch->PlaceResult(*result);
    if (!placed) return http::ErrorResponse(placed.error());
    http::Presentation presentation;
    if (download) presentation.download_name = ResultName(name, result->output);
    auto response = http::FileResponse(request, placed->path, presentation);
    return response ? std::move(*response) : http::ErrorResponse(response.error());
  }
  return OutputResponse(context, request, result->output,
                        download ? ResultName(name, result->output) : "");
}

}  // namespace

Result<jobs::JobFilter> ParseJobFilter(const http::Request& request) {
  jobs::JobFilter filter;
  for (const auto& [name, value] : request.target.query) {
    if (name == "state") {
      const auto state = jobs::JobStateFromName(value);
      if (!state) {
        return Error(
            ErrorCode::kInvalidArgument,
            fmt::format("state: expected queued, running, done, failed or cancelled, found "
                        "\"{}\"",
                        value));
      }
      filter.states.push_back(*state);
    } else if (name == "priority") {
      filter.priority = jobs::JobPriorityFromName(value);
      if (!filter.priority) {
        return Error(
            ErrorCode::kInvalidArgument,
            fmt::format("priority: expected interactive, batch or watch, found \"{}\"", value));
      }
    } else if (name == "batch") {
      GPEN_ASSIGN_OR_RETURN(filter.batch, ParseWhole(name, value, 1, std::int64_t{1} << 62));
    } else if (name == "text") {
      filter.text = value;
    } else if (name == "before") {
      GPEN_ASSIGN_OR_RETURN(filter.before, ParseWhole(name, value, 0, std::int64_t{1} << 62));
    } else if (name == "limit") {
      GPEN_ASSIGN_OR_RETURN(const auto limit, ParseWhole(name, value, 1, 500));
      filter.limit = static_cast<int>(limit);
    } else {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("unknown filter \"{}\": expected state, priority, batch, text, before "
                      "or limit",
                      name));
    }
  }
  return filter;
}

void AddJobRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  router->AddStream(Method::kPost, "/api/v1/jobs", [context](const Request& request) {
    return UploadReader::Begin(request, context->upload_rules,
                               [context](const Upload& upload, const http::Responder& responder) {
                                 auto json = Submit(*context, upload);
                                 responder.Send(json ? http::JsonResponse(201, std::move(*json))
                                                     : http::ErrorResponse(json.error()));
                               });
  });
  router->Add(Method::kGet, "/api/v1/jobs",
              [context](const Request& request) { return ListJobs(*context, request); });
  router->Add(Method::kGet, "/api/v1/jobs/{id}",
              [context](const Request& request) { return Answer(FindJob(*context, request)); });
  router->Add(Method::kDelete, "/api/v1/jobs/{id}", [context](const Request& request) {
    const auto id = IdOf(request);
    if (!id) return http::ErrorResponse(id.error());
    const auto deleted = context->store->Delete(*id);
    return deleted ? http::JsonResponse(200, R"({"status":"success"})")
                   : http::ErrorResponse(deleted.error());
  });
  router->Add(Method::kPost, "/api/v1/jobs/{id}/cancel", [context](const Request& request) {
    const auto id = IdOf(request);
    return id ? Answer(context->store->Cancel(*id)) : http::ErrorResponse(id.error());
  });
  router->Add(Method::kPost, "/api/v1/jobs/{id}/retry", [context](const Request& request) {
    const auto id = IdOf(request);
    return id ? Answer(context->store->Retry(*id)) : http::ErrorResponse(id.error());
  });
  router->Add(Method::kGet, "/api/v1/jobs/{id}/result",
              [context](const Request& request) { return ResultFile(*context, request); });
  router->Add(Method::kGet, "/api/v1/jobs/{id}/before", [context](const Request& request) {
    return Thumbnail(*context, request, &photos::PhotoResult::before);
  });
  router->Add(Method::kGet, "/api/v1/jobs/{id}/after", [context](const Request& request) {
    return Thumbnail(*context, request, &photos::PhotoResult::after);
  });
  router->Add(Method::kGet, "/api/v1/jobs/{id}/report", [context](const Request& request) {
    std::string name;
    const auto result = FindResult(*context, request, &name);
    if (!result) return http::ErrorResponse(result.error());
    if (result->report.empty()) {
      return http::ErrorResponse(Error(
          ErrorCode::kNotFound, "the result was taken from an earlier run: it has no report"));
    }
    return http::JsonResponse(200, result->report);
  });
}

}  // namespace gpen::api
