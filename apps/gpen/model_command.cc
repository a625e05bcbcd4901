#include "gpen/model_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/folder.h"
#include "nn/models_folder.h"

namespace gpen::app {

namespace fs = std::filesystem;

constexpr int kMostThreads = 256;

ExitCode Failed(const Error& error) {
  fmt::print(stderr, "gpen: {}\n", error.message());
  return TraitsOf(error.code()).exit_code;
}

ExitCode NoModels(const fs::path& folder) {
  fmt::print("no models in {}: install one with 'gpen model add WEIGHTS.pth'\n", folder.string());
  return ExitCode::kNothingToDo;
}

void AddThreadsOption(CLI::App* command, int* threads) {
  command->add_option("--threads", *threads, "CPU threads; else as many as there are CPUs")
      ->check(CLI::Range(1, kMostThreads));
}

fs::path ModelsFolder(const std::string& chosen) { return nn::FindModelsFolder(chosen); }

std::vector<InstalledModel> ListInstalled(const fs::path& folder) {
  std::vector<InstalledModel> models;
  for (const auto& entry : EntriesOf(folder)) {
    if (entry.path().extension() != ".json") continue;
    auto manifest = nn::LoadManifest(entry.path());
    if (!manifest) {
      fmt::print(stderr, "gpen: {}\n", manifest.error().message());
      continue;
    }
    const fs::path path = folder / manifest->file;
    models.push_back({*std::move(manifest), path});
  }
  std::ranges::sort(models, {}, [](const InstalledModel& model) { return model.manifest.name; });
  return models;
}

Result<InstalledModel> FindInstalled(const fs::path& folder, const std::string& name) {
  const bool is_file = fs::path(name).extension() == ".onnx";
  fs::path manifest_path = is_file ? fs::path(name) : folder / (name + ".onnx");
  manifest_path.replace_extension(".json");
  auto manifest = nn::LoadManifest(manifest_path);
  if (!manifest) {
    std::vector<std::string> names;
    for (const auto& model : ListInstalled(folder)) names.push_back(model.manifest.name);
    return std::move(manifest).error().WithContext(fmt::format(
        "no model '{}'; installed in {}: {}", name, folder.string(),
        names.empty() ? std::string("none") : fmt::format("{}", fmt::join(names, ", "))));
  }
  const fs::path path = manifest_path.parent_path() / manifest->file;
  return InstalledModel{*std::move(manifest), path};
}

void AddModelCommand(CLI::App* app, ExitCode* exit_code) {
  auto* model = app->add_subcommand("model", "Convert weights and look after the installed models");
  model->require_subcommand(1);
  AddModelConvertCommands(model, exit_code);
  AddModelFolderCommands(model, exit_code);
  AddModelBenchCommand(model, exit_code);
  AddModelQuantizeCommand(model, exit_code);
}

}  // namespace gpen::app
