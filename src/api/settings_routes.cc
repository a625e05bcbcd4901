#include <chrono>

#include "api/json.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

http::Response Answer(const ApiContext& context) {
  const auto values = context.settings->Read();
  return JsonResponse({{"pause_between_seconds", values.pause_between_seconds},
                       {"model", values.model},
                       {"running_model", context.models->usual_name()},
                       {"models", context.settings->Models()},
                       {"keep_days", context.keep_days},
                       {"bin_days", context.bin_days},
                       {"needs_token", context.access->needs_token()},
                       {"open_to_network", context.is_open()}});
}

Result<http::Response> Change(const ApiContext& context, std::string_view body) {
  GPEN_ASSIGN_OR_RETURN(const auto changed, context.settings->Change(body));
  context.pool->SetPauseBetween(std::chrono::seconds(changed.pause_between_seconds));
  return Answer(context);
}

}  // namespace

void AddSettingsRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/settings",
              [context](const http::Request&) { return Answer(*context); });
  router->AddText(
      http::Method::kPatch, "/api/v1/settings", 4096,
      [context](const http::Request&, std::string_view body) { return Change(*context, body); });
}

}  // namespace gpen::api
