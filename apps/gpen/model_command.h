// `gpen model`: convert weights, and look after the installed models.
#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error_table.h"
#include "base/result.h"
#include "nn/manifest.h"

namespace gpen::app {

/// Adds the subcommand and its own subcommands, which set `exit_code` when they run.
void AddModelCommand(CLI::App* app, ExitCode* exit_code);

/// The parts of `gpen model`, each in its own file; `model` is that subcommand.
void AddModelConvertCommands(CLI::App* model, ExitCode* exit_code);
void AddModelFolderCommands(CLI::App* model, ExitCode* exit_code);
void AddModelBenchCommand(CLI::App* model, ExitCode* exit_code);
void AddModelQuantizeCommand(CLI::App* model, ExitCode* exit_code);

/// Prints `error` and gives its exit code.
ExitCode Failed(const Error& error);

/// Says that `folder` holds no model and how to install one.
ExitCode NoModels(const std::filesystem::path& folder);

/// `--threads`: 0, the default, stands for all CPUs.
void AddThreadsOption(CLI::App* command, int* threads);

/// An installed model: its manifest and where its file is.
struct InstalledModel {
  nn::Manifest manifest;
  std::filesystem::path path;
};

/// The folder that `chosen`, the environment or the program's place gives.
std::filesystem::path ModelsFolder(const std::string& chosen);

/// All models with a manifest in `folder`, by name; broken manifests are reported on stderr.
std::vector<InstalledModel> ListInstalled(const std::filesystem::path& folder);

/// A model by name in `folder`, or an .onnx file with its manifest beside it.
Result<InstalledModel> FindInstalled(const std::filesystem::path& folder, const std::string& name);

}  // namespace gpen::app
