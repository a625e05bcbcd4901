// Scripts by which shells complete the program's commands, options and their values, made from the
// same options that the program reads.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace gpen::app {

/// For "bash", "zsh" or "fish"; empty for another shell.
std::string Completion(const CLI::App& app, const std::string& shell);

}  // namespace gpen::app
