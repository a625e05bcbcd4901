#include "api/json.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

Json ModelToJson(const restore::ModelChoice& model) {
  return {{"name", model.name},       {"version", model.version},
          {"task", model.task},       {"input_size", model.input_size},
          {"license", model.license}, {"provenance", model.provenance},
          {"in_auto", model.is_light}};
}

}  // namespace

void AddModelRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/models", [context](const http::Request&) {
    return JsonResponse({{"usual", context->models->usual_name()},
                         {"models", JsonList(context->models->Choices(), ModelToJson)}});
  });
}

}  // namespace gpen::api
