// How the API writes JSON: as values, put together in the order in which clients see them, and
// turned into text once.
//
// For this module alone: it shows the library.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "http/response.h"

namespace gpen::api {

using Json = nlohmann::ordered_json;

/// Compact text; what is not UTF-8, such as a photo's name from an old disk, becomes U+FFFD.
std::string Dump(const Json& json);

/// An answer of this moment, which no cache keeps.
http::Response JsonResponse(const Json& json, int status = 200);

/// {"status":"success"}, for changes that have nothing to show.
http::Response SuccessResponse();

/// The JSON array of `to_json(item)` for each of `items`.
template <typename Items, typename ToJson>
Json JsonList(const Items& items, const ToJson& to_json) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(to_json(item));
  return list;
}

}  // namespace gpen::api
