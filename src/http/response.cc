#include "http/response.h"

#include <fmt/format.h>

#include "base/error_table.h"

namespace gpen::http {
namespace {

// Length of the UTF-8 sequence at the start of `text`; 0 where it is not valid.
std::size_t SequenceLength(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xC2 && first < 0xE0 ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) return 0;
  }
  if (length >= 3) {
    const auto second = static_cast<unsigned char>(text[1]);
    // Overlong forms, surrogates, and beyond U+10FFFF.
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
      return 0;
    }
  }
  return length;
}

}  // namespace

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
  auto response = JsonResponse(status, fmt::format(R"({{"status":"error","code":{},"message":{}}})",
                                                   JsonString(code), JsonString(message)));
  response.Set("Cache-Control", "no-store");
  if (status == 429 || status == 503) response.Set("Retry-After", "10");
  return response;
}

Response ErrorResponse(const Error& error) {
  const auto& traits = TraitsOf(error.code());
  return ErrorResponse(traits.http_status, traits.name, error.message());
}

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    const char c = text[0];
    if (length == 0) {
      json += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      json += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return json + "\"";
}

}  // namespace gpen::http
