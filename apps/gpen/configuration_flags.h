// The service's configuration as a command sees it: a file, the environment, and the command's
// flags.
#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "service/configuration.h"

namespace gpen::app {

struct ConfigurationFlags {
  std::string file;  ///< Empty: what GPEN_CONFIG names, if anything.
  std::vector<std::pair<std::string, std::string>> settings;  ///< Key and value.
  std::map<std::string, std::vector<std::string>> lists;      ///< By key: items of a list.
};

struct ConfigurationFlag {
  const char* flag;
  const char* key;  ///< Of the setting: "server.port".
  const char* help;
};

/// Adds --config and `flags` to `command`. `target` must live as long as the command.
void AddConfigurationFlags(CLI::App* command, std::initializer_list<ConfigurationFlag> flags,
                           ConfigurationFlags* target);

/// Adds a flag that may be repeated, for a setting that is a list by comma.
void AddListFlag(CLI::App* command, const ConfigurationFlag& flag, ConfigurationFlags* target);

/// Errors: those of service::ApplyFile, ApplyEnvironment and ApplySetting.
Result<service::Configuration> Configure(const ConfigurationFlags& flags);

}  // namespace gpen::app
