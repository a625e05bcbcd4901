// LiveSettings: the few settings of the service that a person changes in the web page, kept in
// settings.json in the data folder. They win over the configuration, so that they last.
//
// Thread-safe.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service/configuration.h"

namespace gpen::service {

class LiveSettings {
 public:
  struct Values {
    std::int64_t pause_between_seconds = 5;
    std::string model;  ///< Used from the next start on.
  };

  /// Reads `file` where it exists and puts its values into `configuration`. What is no longer right
  /// there (a model that was removed) is left out and said in `notices`.
  LiveSettings(std::filesystem::path file, Configuration* configuration,
               std::vector<std::string>* notices);

  Values Read() const;

  /// Changes what the JSON object `json` names (pause_between_seconds, model), and keeps it.
  /// Errors: kInvalidArgument, kModelMissing, kUnavailable (disk).
  Result<Values> Change(std::string_view json);

  /// Names of the installed models that restore.
  std::vector<std::string> Models() const;

 private:
  Result<void> Apply(std::string_view json, Values* values) const;

  const std::filesystem::path file_;
  std::filesystem::path models_folder_;
  mutable std::mutex mutex_;
  Values values_;
};

}  // namespace gpen::service
