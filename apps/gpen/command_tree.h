// The commands of the program and their options as lists, for what is written about them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace gpen::app {

/// A command with the words that lead to it: "model convert".
struct Command {
  std::string words;
  const CLI::App* app;
};

/// All commands below `app`.
std::vector<Command> CommandsOf(const CLI::App& app);

/// The names of those directly below it.
std::vector<std::string> NamesBelow(const CLI::App& app);

/// "-r", "--recursive"; empty for an argument that has no name.
std::vector<std::string> FlagsOf(const CLI::Option& option);

bool TakesValue(const CLI::Option& option);

/// The words that an option's value is one of; empty where it is not.
std::vector<std::string> ChoicesOf(const CLI::Option& option);

}  // namespace gpen::app
