// Service: the running restoration service, put together from its parts in their order of start and
// stop: data folder, queue, networks, workers, HTTP.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "service/configuration.h"

namespace gpen::service {

class Service {
 public:
  /// Starts everything; requests are answered when it returns. `configuration.models_folder` must
  /// be set. Errors: those of its parts.
  static Result<std::unique_ptr<Service>> Start(const Configuration& configuration);

  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  /// Stops: a running job goes back to the queue.
  ~Service();

  int port() const;
  /// What the person who started it should know: "reachable without a token by everybody...".
  const std::vector<std::string>& notices() const;

 private:
  struct Parts;

  explicit Service(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace gpen::service
