#include "api/job_json.h"
#include "api/json.h"
#include "api/query.h"
#include "api/routes.h"
#include "restore/photo_options.h"

namespace gpen::api {
namespace {

constexpr std::int64_t kMaxAnnouncement = 3 * restore::kMostOptionBytes;

Result<http::Response> Answer(const ApiContext& context, Result<PartialUploadState> state,
                              int status = 200) {
  if (!state) return std::move(state).error();
  Json job;
  if (state->job != 0) {
    GPEN_ASSIGN_OR_RETURN(const auto found, context.store->Find(state->job));
    job = JobToJson(found, context.job_view());
  }
  return JsonResponse({{"id", state->id},
                       {"name", state->name},
                       {"offset", state->offset},
                       {"bytes", state->bytes},
                       {"expires", TimeToJson(state->expires)},
                       {"job", std::move(job)}},
                      status);
}

// What a member of the announcement is as the text of a form's field.
std::string FieldText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Result<http::Response> Announce(const ApiContext& context, const http::Request& request,
                                std::string_view body) {
  const auto json = Json::parse(body, nullptr, false);
  const bool sound = json.is_object() && json.contains("name") && json["name"].is_string() &&
                     json.contains("bytes") && json["bytes"].is_number_integer();
  if (!sound) {
    return Error(ErrorCode::kInvalidArgument,
                 R"(expected a JSON object {"name":"a.jpg","bytes":12345,...})");
  }
  Upload upload;
  upload.added_by = AdderOf(request);
  for (const auto& [name, value] : json.items()) {
    if (name == "name" || name == "bytes") continue;
    GPEN_TRY(SetUploadField(name, FieldText(value), &upload));
  }
  if (upload.batch) {
    return Error(
        ErrorCode::kInvalidArgument,
        "batch: expected batch_id, as POST /api/v1/batches gives it: the photos of a batch "
        "are announced one by one");
  }
  GPEN_TRY(context.models->Check(upload.options));
  if (upload.batch_id != 0) {
    GPEN_TRY(context.store->CheckBatch(upload.batch_id, upload.added_by));
  }
  return Answer(
      context,
      context.partial_uploads->Begin(request.remote_address, json["name"].get<std::string>(),
                                     json["bytes"].get<std::int64_t>(), upload),
      201);
}

Result<std::unique_ptr<http::BodyReader>> Continue(const ApiContext& context,
                                                   const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto offset, QueryWhole(request, "offset", 0, 0, kMostId));
  return context.partial_uploads->Continue(
      std::string(request.PathParameter("id")), offset,
      [&context](Result<PartialUploadState> state, const http::Responder& responder) {
        responder.Send(Answer(context, std::move(state)));
      });
}

}  // namespace

void AddPartialUploadRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  router->AddText(Method::kPost, "/api/v1/uploads", kMaxAnnouncement,
                  [context](const Request& request, std::string_view body) {
                    return Announce(*context, request, body);
                  });
  router->Add(Method::kGet, "/api/v1/uploads/{id}", [context](const Request& request) {
    return Answer(*context,
                  context->partial_uploads->Find(std::string(request.PathParameter("id"))));
  });
  router->AddStream(Method::kPatch, "/api/v1/uploads/{id}",
                    [context](const Request& request) { return Continue(*context, request); });
  router->Add(Method::kDelete, "/api/v1/uploads/{id}",
              [context](const Request& request) -> Result<http::Response> {
                GPEN_TRY(context->partial_uploads->Drop(std::string(request.PathParameter("id"))));
                return SuccessResponse();
              });
}

}  // namespace gpen::api
