#include "gpen/photo_inputs.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <utility>

#include "base/cpu.h"

namespace gpen::app {

void AddPhotoInputs(CLI::App* command, PhotoInputs* inputs) {
  inputs->threads = AvailableCpus();
  command->add_option("inputs", inputs->names, "Photos, and folders of photos")
      ->required()
      ->type_name("INPUT");
  command->add_flag("-r,--recursive", inputs->recursive, "Go into subfolders");
  command->add_option("--models", inputs->models, "Folder of the models");
  command->add_option("--threads", inputs->threads, "CPU threads to use")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

Result<std::vector<PhotoTask>> ListInputs(const PhotoInputs& inputs) {
  const std::vector<std::filesystem::path> names(inputs.names.begin(), inputs.names.end());
  OutputRules rules;
  rules.takes_results = true;
  GPEN_ASSIGN_OR_RETURN(auto list, ListPhotos(names, inputs.recursive, rules));
  if (!list.missing.empty()) return NoSuchInput().WithContext(list.missing.front().string());
  if (!list.closed.empty()) return ClosedFolder().WithContext(list.closed.front().string());
  return std::move(list.tasks);
}

}  // namespace gpen::app
