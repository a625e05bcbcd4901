#include "gpen/configuration_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "nn/models_folder.h"

namespace gpen::app {

void AddConfigurationFlags(CLI::App* command, std::initializer_list<ConfigurationFlag> flags,
                           ConfigurationFlags* target) {
  command->add_option("--config", target->file, "TOML file of settings")->type_name("FILE");
  for (const auto& flag : flags) {
    command->add_option_function<std::string>(
        flag.flag,
        [target, key = flag.key](const std::string& value) {
          target->settings.emplace_back(key, value);
        },
        flag.help);
  }
}

void AddListFlag(CLI::App* command, const ConfigurationFlag& flag, ConfigurationFlags* target) {
  command->add_option(flag.flag, target->lists[flag.key], flag.help);
}

Result<service::Configuration> Configure(const ConfigurationFlags& flags) {
  service::Configuration configuration;
  const char* file = std::getenv("GPEN_CONFIG");
  const std::string path = !flags.file.empty() ? flags.file : file != nullptr ? file : "";
  if (!path.empty()) GPEN_TRY(service::ApplyFile(path, &configuration));
  GPEN_TRY(service::ApplyEnvironment([](const char* name) { return std::getenv(name); },
                                     &configuration));
  for (const auto& [key, value] : flags.settings) {
    GPEN_TRY(service::ApplySetting(key, value, &configuration));
  }
  for (const auto& [key, items] : flags.lists) {
    if (items.empty()) continue;
    GPEN_TRY(service::ApplySetting(key, fmt::format("{}", fmt::join(items, ",")), &configuration));
  }
  configuration.models_folder = nn::FindModelsFolder(configuration.models_folder);
  return configuration;
}

}  // namespace gpen::app
