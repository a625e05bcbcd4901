// SettingsFile: the few settings of the service that a person changes in the web page, kept in
// settings.json in the data folder. They win over the configuration, so that they last.
//
// Thread-safe.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/live_settings.h"
#include "base/result.h"
#include "service/configuration.h"

namespace gpen::service {

class SettingsFile : public api::LiveSettings {
 public:
  /// Reads `file` where it exists and puts its values into `configuration`. What is no longer right
  /// there (a model that was removed) is left out and said in `notices`.
  SettingsFile(std::filesystem::path file, Configuration* configuration,
               std::vector<std::string>* notices);

  Values Read() const override;
  Result<Values> Change(std::string_view json) override;
  std::vector<std::string> Models() const override;

 private:
  Result<void> Apply(std::string_view json, Values* values) const;

  const std::filesystem::path file_;
  std::filesystem::path models_folder_;
  mutable std::mutex mutex_;
  Values values_;
};

}  // namespace gpen::service
