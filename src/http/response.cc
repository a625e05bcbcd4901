#include "http/response.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error_table.h"

namespace gpen::http {
Response& Response::Set(std::string_view name, std::string_view value) {
  for (auto& [key, old] : headers) {
    if (key == name) {
      old = value;
      return *this;
    }
  }
  headers.emplace_back(name, value);
  return *this;
}

std::string_view Response::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

Response JsonResponse(int status, std::string json) {
  return TextResponse(status, std::move(json), "application/json");
}

Response TextResponse(int status, std::string text, std::string_view content_type) {
  Response response;
  response.status = status;
  response.body = std::move(text);
  response.Set("Content-Type", content_type.starts_with("text/")
                                   ? fmt::format("{}; charset=utf-8", content_type)
                                   : std::string(content_type));
  return response;
}

Response ErrorResponse(int status, std::string_view code, std::string_view message) {
  using Json = nlohmann::ordered_json;
  const Json error = {{"status", "error"}, {"code", code}, {"message", message}};
  // A message may quote what a client sent: what is not UTF-8 becomes U+FFFD.
  auto response = JsonResponse(status, error.dump(-1, ' ', false, Json::error_handler_t::replace));
  response.Set("Cache-Control", "no-store");
  if (status == 429 || status == 503) response.Set("Retry-After", "10");
  return response;
}

Response ErrorResponse(const Error& error) {
  const auto& traits = TraitsOf(error.code());
  return ErrorResponse(traits.http_status, traits.name, error.message());
}

}  // namespace gpen::http
