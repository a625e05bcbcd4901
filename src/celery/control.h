// Control: the worker's side of Celery's remote control: `celery status`, `inspect`, `control`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "celery/json.h"
#include "celery/worker_core.h"

namespace gpen::celery {

/// One broadcast, read.
struct ControlRequest {
  std::string method;
  Json arguments = Json::object();
  std::string ticket;
  std::string reply_exchange;  ///< Empty where nobody waits for an answer.
  std::string reply_key;
};

class Control {
 public:
  explicit Control(WorkerCore* core) : core_(core) {}

  /// What the message asks of this worker; nothing where it is not meant, too old or no request.
  std::optional<ControlRequest> Read(std::string_view message) const;

  /// Reads, does and answers it.
  void Answer(std::string_view message);

  /// Does it; what is answered, or null for silence.
  Json Do(const ControlRequest& request);

 private:
  void Reply(const ControlRequest& request, const Json& answer);

  WorkerCore* core_;
};

}  // namespace gpen::celery
