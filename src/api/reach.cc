#include "api/reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "api/job_lookup.h"
#include "api/query.h"
#include "photos/adjustment.h"
#include "photos/photo_job.h"
#include "photos/photo_key.h"
#include "webui/assets.h"

namespace gpen::api {
namespace {

struct Prefix {
  std::string_view begin;
  Reach reach;
};

// Whole segments: "/api/v1/jobs/{id}" and all below it.
constexpr std::array kPrefixes = {
    Prefix{"/api/v1/jobs/{id}", Reach::kJob}, Prefix{"/api/v1/bin/{id}", Reach::kJob},
    Prefix{"/api/v1/batches/{id}", Reach::kBatch}, Prefix{"/api/v1/uploads/{id}", Reach::kUpload},
    Prefix{"/outputs/{file}", Reach::kOutput},
    // Each address has a secret of its own.
    Prefix{"/api/v1/handouts/{task}", Reach::kEverybody}};

constexpr std::array<std::string_view, 23> kForEverybody = {
    "POST /enhance", "POST /api/v1/jobs", "POST /api/v1/uploads", "POST /api/v1/batches",
    // Narrowed to what the viewer sees.
    "GET /api/v1/jobs", "GET /api/v1/batches", "GET /api/v1/bin", "DELETE /api/v1/bin",
    "GET /api/v1/zip", "GET /api/v1/events", "GET /api/v1/events/stream", "GET /api/v1/queue",
    // The same for all, and nobody's secret.
    "GET /api/v1/models", "GET /api/v1/presets", "GET /api/v1/estimate", "GET /api/v1/settings",
    "GET /api/v1/openapi.json", "GET /api/docs", "GET /healthz", "GET /readyz",
    // Who somebody is.
    "GET /api/v1/session", "POST /api/v1/session", "DELETE /api/v1/session"};

bool IsAsset(std::string_view pattern) {
  return pattern == "/" || pattern == "/login" ||
         std::ranges::any_of(webui::Assets(),
                             [&](const webui::Asset& asset) { return asset.path == pattern; });
}

http::Response NotFound(const std::string& message) {
  return http::ErrorResponse(Error(ErrorCode::kNotFound, message));
}

// Nothing where `person` is `scope`, or unknown: the handler says then that there is none.
std::optional<http::Response> HideOthers(const Result<std::optional<jobs::PersonId>>& person,
                                         jobs::PersonId scope, const std::string& message) {
  if (!person) return http::ErrorResponse(person.error());
  if (!*person || **person == scope) return std::nullopt;
  return NotFound(message);
}

bool IsResultOf(const ApiContext& context, const jobs::Job& job, const std::string& file) {
  const auto is_it = [&](const Result<photos::PhotoResult>& result) {
    const auto* stored = result ? std::get_if<photos::StoredResult>(&result->place) : nullptr;
    return stored != nullptr && stored->file == file;
  };
  const auto photo = photos::PhotoJob::Of(job);
  return photo && ((photo->result && is_it(*photo->result)) ||
                   is_it(photos::CurrentResult(*context.folder, *photo)));
}

// Equal photos share a file, which is named after their key.
std::optional<http::Response> HideOtherOutputs(const ApiContext& context,
                                               const http::Request& request, jobs::PersonId scope) {
  const std::string file(request.PathParameter("file"));
  jobs::JobFilter filter;
  filter.states = {jobs::JobState::kDone};
  filter.added_by = scope;
  filter.key_begin = file.substr(0, photos::kResultBaseLength);
  filter.limit = 500;
  const auto jobs = context.store->List(filter);
  if (!jobs) return http::ErrorResponse(jobs.error());
  if (filter.key_begin.size() == photos::kResultBaseLength &&
      std::ranges::any_of(*jobs, [&](const auto& job) { return IsResultOf(context, job, file); })) {
    return std::nullopt;
  }
  return NotFound("no such result");
}

std::optional<http::Response> HideOthers(const ApiContext& context, const http::Request& request,
                                         Reach reach, jobs::PersonId scope) {
  if (reach == Reach::kOutput) return HideOtherOutputs(context, request, scope);
  if (reach == Reach::kUpload) {
    const auto state = context.partial_uploads->Find(std::string(request.PathParameter("id")));
    if (!state || state->added_by == scope) return std::nullopt;
    return http::ErrorResponse(PartialUploads::NoSuchUpload());
  }
  const bool is_job = reach == Reach::kJob;
  const auto id = ParseId(request, is_job ? "job" : "batch");
  if (!id) return std::nullopt;  // The handler says so.
  if (is_job) {
    return HideOthers(context.store->PersonOfJob(*id), scope, jobs::NoSuchJob(*id).message());
  }
  return HideOthers(context.store->PersonOfBatch(*id), scope, jobs::NoSuchBatch(*id).message());
}

std::optional<http::Response> CheckReach(const ApiContext& context, const http::Request& request) {
  if (request.route.empty()) return std::nullopt;
  const auto reach = ReachOf(request.method, request.route);
  if (reach == Reach::kEverybody) return std::nullopt;
  if (reach == Reach::kManagers) {
    if (context.access->ViewerOf(request).is_manager) return std::nullopt;
    return http::ErrorResponse(403, "managers_only",
                               "this is for managers: ask one of them, or whoever holds the "
                               "token of the configuration");
  }
  const auto scope = ScopeOf(context, request);
  return scope ? HideOthers(context, request, reach, *scope) : std::nullopt;
}

}  // namespace

Reach ReachOf(http::Method method, std::string_view pattern) {
  for (const auto& prefix : kPrefixes) {
    const auto rest = pattern.substr(std::min(prefix.begin.size(), pattern.size()));
    if (pattern.starts_with(prefix.begin) && (rest.empty() || rest.front() == '/')) {
      return prefix.reach;
    }
  }
  const auto served = method == http::Method::kHead ? http::Method::kGet : method;
  const auto name = fmt::format("{} {}", http::NameOf(served), pattern);
  if (std::ranges::find(kForEverybody, name) != kForEverybody.end() || IsAsset(pattern)) {
    return Reach::kEverybody;
  }
  return Reach::kManagers;
}

void AddGuards(const ApiContext* context, http::Router* router) {
  router->AddGuard([context](http::Request* request) { return context->access->Check(request); });
  router->AddGuard([context](http::Request* request) { return CheckReach(*context, *request); });
}

}  // namespace gpen::api
