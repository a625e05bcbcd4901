#include "restore/model_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>

#include "base/folder.h"
#include "nn/manifest.h"
#include "restore/face_networks.h"

namespace gpen::restore {
namespace {

namespace fs = std::filesystem;

bool IsThere(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error);
}

}  // namespace

std::vector<ModelChoice> ModelChoices(const fs::path& models_folder) {
  std::vector<ModelChoice> choices;
  for (const auto& entry : EntriesOf(models_folder)) {
    const auto name = entry.path().stem().string();
    if (entry.path().extension() != ".json" || !nn::CheckModelName(name)) continue;
    const auto manifest = nn::LoadManifest(entry.path());
    if (!manifest || manifest->name != name || manifest->task != nn::Task::kRestoration) continue;
    if (!IsThere(models_folder / manifest->file)) continue;
    choices.push_back(
        {.name = name,
         .version = manifest->version,
         .task = std::string(nn::NameOf(manifest->task)),
         .input_size = manifest->input_size,
         .license = manifest->license,
         .provenance = manifest->provenance,
         .is_light = std::ranges::find(kLightModels, name) != std::end(kLightModels)});
  }
  std::ranges::sort(choices, {}, &ModelChoice::name);
  return choices;
}

std::vector<std::string> ModelNames(const fs::path& models_folder) {
  std::vector<std::string> names;
  const auto choices = ModelChoices(models_folder);
  for (const auto& choice : choices) names.push_back(choice.name);
  if (std::ranges::any_of(choices, &ModelChoice::is_light)) names.emplace_back(kAutoModel);
  std::ranges::sort(names);
  return names;
}

Result<void> CheckModelChoice(const fs::path& models_folder, std::string_view model) {
  const auto names = ModelNames(models_folder);
  if (std::ranges::find(names, model) != names.end()) return {};
  return Error(ErrorCode::kInvalidArgument,
               names.empty()
                   ? fmt::format("no model that restores faces is installed, asked for "
                                 "\"{}\": install one",
                                 model)
                   : fmt::format("expected one that is installed and restores faces ({}), "
                                 "found \"{}\"",
                                 fmt::join(names, ", "), model));
}

Result<std::string> FacesFingerprint(const fs::path& models_folder, std::string_view model,
                                     const fs::path& precision_record) {
  GPEN_TRY(CheckModelChoice(models_folder, model));
  GPEN_ASSIGN_OR_RETURN(const auto manifests,
                        FindRunningModels(models_folder, model, precision_record));
  return WithParser(FingerprintOf(manifests), models_folder);
}

}  // namespace gpen::restore
