#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "api/routes.h"

namespace gpen::api {
namespace {

http::Response Answer(const ApiContext& context) {
  const auto values = context.settings->Read();
  const nlohmann::ordered_json json = {{"pause_between_seconds", values.pause_between_seconds},
                                       {"model", values.model},
                                       {"running_model", context.running_model},
                                       {"models", context.settings->Models()},
                                       {"needs_token", context.access->needs_token()}};
  auto response = http::JsonResponse(200, json.dump());
  response.Set("Cache-Control", "no-store");
  return response;
}

}  // namespace

void AddSettingsRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/settings",
              [context](const http::Request&) { return Answer(*context); });
  router->AddText(
      http::Method::kPatch, "/api/v1/settings", 4096,
      [context](const http::Request&, std::string_view body) {
        const auto changed = context->settings->Change(body);
        if (!changed) return http::ErrorResponse(changed.error());
        context->pool->SetPauseBetween(std::chrono::seconds(changed->pause_between_seconds));
        return Answer(*context);
      });
}

}  // namespace gpen::api
