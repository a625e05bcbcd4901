// WorkerService: the running worker for a queue of Celery, put together from its parts: data
// folder, local queue, networks, and the line to Redis. It answers no HTTP.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "service/configuration.h"

namespace gpen::service {

class WorkerService {
 public:
  /// Starts everything. `configuration.models_folder` must be set. Errors: kInvalidArgument (no
  /// broker, a setting, or the broker refuses us), those of its parts.
  static Result<std::unique_ptr<WorkerService>> Start(const Configuration& configuration);

  WorkerService(const WorkerService&) = delete;
  WorkerService& operator=(const WorkerService&) = delete;
  /// Stops: what runs goes back to the broker.
  ~WorkerService();

  const std::string& name() const;
  const std::vector<std::string>& notices() const;
  /// Somebody who may has asked for the end by remote control.
  bool shutdown_asked() const;

 private:
  struct Parts;
  explicit WorkerService(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace gpen::service
