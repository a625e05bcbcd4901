#include "api/openapi_document.h"
#include "api/routes.h"
#include "base/file.h"
#include "base/sha256.h"
#include "http/file_response.h"

namespace gpen::api {
namespace {

void AddPage(http::Router* router, std::string_view path, const std::string& page,
             const std::string& type) {
  router->Add(http::Method::kGet, path,
              [page, etag = Sha256(AsBytes(page)), type](const http::Request& request) {
                return http::BytesResponse(request, page, etag, {type, "", "no-cache"});
              });
}

}  // namespace

void AddPageRoutes(http::Router* router) {
  AddPage(router, "/api/v1/openapi.json", std::string(OpenApiDocument()), "application/json");
  AddPage(router, "/api/docs", OpenApiPage(), "text/html");
}

}  // namespace gpen::api
