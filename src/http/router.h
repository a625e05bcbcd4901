// Router: which handler answers which method and path.
//
// Built once, then only read: safe to use from all server threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/request.h"
#include "http/responder.h"
#include "http/response.h"

namespace gpen::http {

/// Takes one request's body piece by piece and then answers. Destroyed without Finish() where the
/// client breaks off or Write() fails.
class BodyReader {
 public:
  BodyReader() = default;
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;
  virtual ~BodyReader() = default;

  /// An error becomes the answer, and the rest of the body is not read.
  virtual Result<void> Write(std::span<const std::byte> bytes) = 0;
  /// The body is complete. Answer through `responder`, at once or later.
  virtual void Finish(const Responder& responder) = 0;
};

class Router {
 public:
  /// Handlers answer with a response or with an error, which the client gets as ErrorResponse()
  /// says.
  using Handler = std::function<Result<Response>(const Request&)>;
  using TextHandler = std::function<Result<Response>(const Request&, std::string_view body)>;
  /// Answers through the responder, at once or later.
  using DeferredHandler =
      std::function<void(const Request&, std::string_view body, const Responder&)>;
  using StreamHandler = std::function<Result<std::unique_ptr<BodyReader>>(const Request&)>;
  /// Looks at a request before its handler does, and may say whose it is; an answer given here is
  /// final.
  using Guard = std::function<std::optional<Response>(Request*)>;

  /// `pattern`: "/api/v1/jobs/{id}"; a segment in braces matches any one segment. GET serves HEAD.
  void Add(Method method, std::string_view pattern, Handler handler);
  /// For bodies of up to `max_body_bytes`, kept in memory.
  void AddText(Method method, std::string_view pattern, std::int64_t max_body_bytes,
               TextHandler handler);
  /// The same for an answer that takes a while to make.
  void AddDeferred(Method method, std::string_view pattern, std::int64_t max_body_bytes,
                   DeferredHandler handler);
  void AddStream(Method method, std::string_view pattern, StreamHandler handler);
  /// Runs for every routed request, in the order added.
  void AddGuard(Guard guard);

  /// What answers `request`, whose path parameters and route it fills in. An error response (404,
  /// 405 with Allow, a guard's) where nothing does.
  std::variant<std::unique_ptr<BodyReader>, Response> Begin(Request* request) const;

  /// "GET /api/v1/jobs/{id}" for every route, in the order added.
  std::vector<std::string> RouteNames() const;

 private:
  struct Route {
    Method method;
    std::string pattern;
    std::vector<std::string> segments;
    StreamHandler handler;
  };

  std::vector<Route> routes_;
  std::vector<Guard> guards_;
};

}  // namespace gpen::http
