// Responder: the place where the answer to one request goes, now or later, from any thread.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/result.h"
#include "http/response.h"

namespace gpen::http {

/// Copyable handle. The first Send() counts, later ones are ignored; a client that has gone away
/// meanwhile is no error.
class Responder {
 public:
  using Deliver = std::function<void(Response)>;

  explicit Responder(Deliver deliver, std::function<bool()> is_awaited = {})
      : deliver_(std::make_shared<Deliver>(std::move(deliver))),
        is_awaited_(std::move(is_awaited)) {}

  /// False when it is known that the client has left: making the answer is wasted work.
  bool IsAwaited() const { return !is_awaited_ || is_awaited_(); }

  /// An error is answered as ErrorResponse() says.
  void Send(Result<Response> answer) const {
    (*deliver_)(answer ? *std::move(answer) : ErrorResponse(answer.error()));
  }

 private:
  std::shared_ptr<Deliver> deliver_;
  std::function<bool()> is_awaited_;
};

}  // namespace gpen::http
