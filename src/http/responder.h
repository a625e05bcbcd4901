// Responder: the place where the answer to one request goes, now or later, from any thread.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "http/response.h"

namespace gpen::http {

/// Copyable handle. The first Send() counts, later ones are ignored; a client that has gone away
/// meanwhile is no error.
class Responder {
 public:
  using Deliver = std::function<void(Response)>;

  explicit Responder(Deliver deliver) : deliver_(std::make_shared<Deliver>(std::move(deliver))) {}

  void Send(Response response) const { (*deliver_)(std::move(response)); }

 private:
  std::shared_ptr<Deliver> deliver_;
};

}  // namespace gpen::http
