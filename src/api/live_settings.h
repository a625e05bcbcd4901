// LiveSettings: the settings that the page changes while the service runs, as the API needs them.
// Whoever puts the service together keeps them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpen::api {

class LiveSettings {
 public:
  struct Values {
    std::int64_t pause_between_seconds = 5;
    std::string model;  ///< Used from the next start on.
  };

  virtual ~LiveSettings() = default;

  virtual Values Read() const = 0;

  /// Changes what the JSON object `json` names (pause_between_seconds, model), and keeps it.
  /// Errors: kInvalidArgument, kModelMissing, kUnavailable (disk).
  virtual Result<Values> Change(std::string_view json) = 0;

  /// Names of the installed models that restore.
  virtual std::vector<std::string> Models() const = 0;
};

}  // namespace gpen::api
