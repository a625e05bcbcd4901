#include "api/json.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

Json ViewToJson(const watch::FolderView& view) {
  return {{"name", view.name},
          {"path", view.path},
          {"output", view.output},
          {"state", view.state},
          {"waiting", view.counts.waiting},
          {"done", view.counts.done},
          {"failed", view.counts.failed},
          {"message", view.message}};
}

}  // namespace

void AddWatchRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/watch", [context](const http::Request&) {
    return JsonResponse({{"folders", JsonList(context->watched_folders(), ViewToJson)}});
  });
}

}  // namespace gpen::api
