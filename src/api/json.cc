#include "api/json.h"

namespace gpen::api {

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

http::Response JsonResponse(const Json& json, int status) {
  auto response = http::JsonResponse(status, Dump(json));
  response.Set("Cache-Control", "no-store");
  return response;
}

http::Response SuccessResponse() { return JsonResponse({{"status", "success"}}); }

}  // namespace gpen::api
