#include "http/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gpen::http {
namespace {

// A body in memory, for handlers that want it whole.
class TextReader : public BodyReader {
 public:
  TextReader(Request request, std::int64_t max_bytes, const Router::DeferredHandler* handler)
      : request_(std::move(request)), max_bytes_(max_bytes), handler_(handler) {}

  Result<void> Write(std::span<const std::byte> bytes) override {
    if (static_cast<std::int64_t>(text_.size() + bytes.size()) > max_bytes_) {
      return Error(ErrorCode::kImageTooLarge,
                   fmt::format("expected a body of at most {} bytes", max_bytes_));
    }
    text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  void Finish(const Responder& responder) override { (*handler_)(request_, text_, responder); }

 private:
  Request request_;
  std::int64_t max_bytes_;
  const Router::DeferredHandler* handler_;
  std::string text_;
};

std::vector<std::string> Split(std::string_view pattern) {
  std::vector<std::string> segments;
  pattern.remove_prefix(1);
  while (!pattern.empty()) {
    const auto slash = std::min(pattern.find('/'), pattern.size());
    segments.emplace_back(pattern.substr(0, slash));
    pattern.remove_prefix(std::min(slash + 1, pattern.size()));
  }
  return segments;
}

bool IsParameter(std::string_view segment) { return segment.starts_with('{'); }

bool Matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments,
             Fields* parameters) {
  if (pattern.size() != segments.size()) return false;
  Fields found;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (IsParameter(pattern[i]) && !segments[i].empty()) {
      found.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), segments[i]);
    } else if (pattern[i] != segments[i]) {
      return false;
    }
  }
  *parameters = std::move(found);
  return true;
}

}  // namespace

void Router::Add(Method method, std::string_view pattern, Handler handler) {
  AddText(method, pattern, 64 << 10,
          [handler = std::move(handler)](const Request& request, std::string_view) {
            return handler(request);
          });
}

void Router::AddText(Method method, std::string_view pattern, std::int64_t max_body_bytes,
                     TextHandler handler) {
  AddDeferred(method, pattern, max_body_bytes,
              [handler = std::move(handler)](const Request& request, std::string_view body,
                                             const Responder& responder) {
                responder.Send(handler(request, body));
              });
}

void Router::AddDeferred(Method method, std::string_view pattern, std::int64_t max_body_bytes,
                         DeferredHandler handler) {
  auto shared = std::make_shared<DeferredHandler>(std::move(handler));
  AddStream(
      method, pattern,
      [max_body_bytes, shared](const Request& request) -> Result<std::unique_ptr<BodyReader>> {
        if (request.content_length.value_or(0) > max_body_bytes) {
          return Error(ErrorCode::kImageTooLarge,
                       fmt::format("expected a body of at most {} bytes, found {}", max_body_bytes,
                                   *request.content_length));
        }
        return std::make_unique<TextReader>(request, max_body_bytes, shared.get());
      });
}

void Router::AddStream(Method method, std::string_view pattern, StreamHandler handler) {
  routes_.push_back({method, std::string(pattern), Split(pattern), std::move(handler)});
}

std::vector<std::string> Router::RouteNames() const {
  std::vector<std::string> names;
  for (const auto& route : routes_) {
    names.push_back(fmt::format("{} {}", NameOf(route.method), route.pattern));
  }
  return names;
}

void Router::AddGuard(Guard guard) { guards_.push_back(std::move(guard)); }

std::variant<std::unique_ptr<BodyReader>, Response> Router::Begin(Request* request) const {
  const Method wanted = request->method == Method::kHead ? Method::kGet : request->method;
  const Route* found = nullptr;
  std::string allowed;
  for (const auto& route : routes_) {
    Fields parameters;
    if (!Matches(route.segments, request->target.segments, &parameters)) continue;
    if (route.method != wanted) {
      allowed += (allowed.empty() ? "" : ", ") + std::string(NameOf(route.method));
      continue;
    }
    found = &route;
    request->path_parameters = std::move(parameters);
    request->route = route.pattern;
    break;
  }
  // Guards come first: a client without the token is not told which paths there are.
  for (const auto& guard : guards_) {
    if (auto response = guard(request)) return std::move(*response);
  }
  if (found == nullptr) {
    if (allowed.empty()) {
      return ErrorResponse(404, "not_found",
                           fmt::format("{}: no such page or resource", request->target.path));
    }
    auto response = ErrorResponse(
        405, "method_not_allowed",
        fmt::format("{} does not take this method, only {}", request->target.path, allowed));
    response.Set("Allow", allowed);
    return response;
  }
  auto reader = found->handler(*request);
  if (!reader) return ErrorResponse(reader.error());
  return std::move(*reader);
}

}  // namespace gpen::http
