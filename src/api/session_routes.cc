#include "api/json.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

// Who asks, as far as the service knows them.
http::Response ShowSession(const ApiContext& context, const http::Request& request) {
  const auto viewer = context.access->ViewerOf(request);
  const bool is_person = viewer.user > kOwner;
  return JsonResponse(
      {{"signed_in", viewer.user != http::kNobody},
       {"person", is_person ? Json({{"id", viewer.user}, {"name", viewer.name}}) : Json(nullptr)},
       {"manager", viewer.is_manager},
       {"sees", viewer.sees_all ? "all" : "own"},
       {"has_people", context.access->has_people()},
       {"needs_token", context.access->needs_token()}});
}

}  // namespace

void AddSessionRoutes(const ApiContext* context, http::Router* router) {
  const std::string path = "/api/v1/session";
  router->Add(http::Method::kGet, path,
              [context](const http::Request& request) { return ShowSession(*context, request); });
  router->AddText(http::Method::kPost, path, 4096,
                  [context](const http::Request& request, std::string_view form) {
                    return context->access->Login(request, form);
                  });
  router->Add(http::Method::kDelete, path,
              [context](const http::Request& request) { return context->access->Logout(request); });
}

}  // namespace gpen::api
