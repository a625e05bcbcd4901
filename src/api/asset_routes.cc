#include <string>

#include "api/routes.h"
#include "http/field_value.h"
#include "http/file_response.h"
#include "webui/assets.h"

namespace gpen::api {
namespace {

// Whether the client takes gzip: named in Accept-Encoding, and not with a weight of 0.
bool TakesGzip(const http::Request& request) {
  std::string_view list = request.Header("accept-encoding");
  while (!list.empty()) {
    const auto coding = http::ParseParameterizedValue(http::TakeListElement(&list));
    if (coding.value != "gzip" && coding.value != "*") continue;
    // "0", "0.0", ...: not wanted.
    return coding.Parameter("q").value_or("1").find_first_not_of("0.") != std::string_view::npos;
  }
  return false;
}

http::Response Answer(const http::Request& request, const webui::Asset& asset) {
  http::Presentation presentation;
  presentation.content_type = asset.content_type;
  presentation.cache_control = asset.immutable ? "public, max-age=31536000, immutable" : "no-cache";
  const bool packed = TakesGzip(request);
  const std::string etag = std::string(asset.etag) + (packed ? "-gzip" : "");
  auto response =
      http::BytesResponse(request, packed ? asset.gzip : asset.plain, etag, presentation);
  response.Set("Vary", "Accept-Encoding");
  if (packed && response.status != 304) response.Set("Content-Encoding", "gzip");
  return response;
}

}  // namespace

void AddAssetRoutes(http::Router* router) {
  const auto add = [router](std::string_view path, const webui::Asset& asset) {
    router->Add(http::Method::kGet, path,
                [&asset](const http::Request& request) { return Answer(request, asset); });
  };
  for (const auto& asset : webui::Assets()) {
    add(asset.path, asset);
    if (asset.path != "/index.html") continue;
    add("/", asset);
    add("/login", asset);
  }
}

}  // namespace gpen::api
