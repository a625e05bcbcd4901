// A subcommand that works in a service's data folder.
#pragma once

#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <memory>

#include "base/error_table.h"
#include "base/result.h"
#include "gpen/configuration_flags.h"

namespace gpen::app {

/// Adds `name` with `flags` to `group`. It runs `run`, whose files nobody else may read, and says
/// on standard error what went wrong. `arguments->configuration` gets the flags.
template <typename Arguments>
CLI::App* AddFolderCommand(CLI::App* group, const char* name, const char* help,
                           std::initializer_list<ConfigurationFlag> flags,
                           const std::shared_ptr<Arguments>& arguments,
                           Result<void> (*run)(const Arguments&), ExitCode* exit_code) {
  auto* command = group->add_subcommand(name, help);
  AddConfigurationFlags(command, flags, &arguments->configuration);
  command->callback([group, arguments, run, exit_code] {
    ::umask(0077);
    const auto done = run(*arguments);
    if (!done) fmt::print(stderr, "gpen {}: {}\n", group->get_name(), done.error().message());
    *exit_code = done ? ExitCode::kOk : TraitsOf(done.error().code()).exit_code;
  });
  return command;
}

}  // namespace gpen::app
