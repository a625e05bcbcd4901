#include "gpen/doctor_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/cpu.h"
#include "base/folder.h"
#include "base/sha256.h"
#include "base/version.h"
#include "codec/library_versions.h"
#include "face/face_models.h"
#include "heat/fans.h"
#include "nn/manifest.h"
#include "nn/models_folder.h"
#include "nn/session.h"
#include "restore/face_networks.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

constexpr double kMegabyte = 1 << 20;

// One line about a model file; false where it is missing or not what it should be.
bool CheckModel(const fs::path& path, std::string_view expected, std::string_view about) {
  const auto sha256 = Sha256OfFile(path);
  if (!sha256) {
    fmt::print("  MISSING  {} ({}): {}\n", path.filename().string(), about,
               sha256.error().message());
    return false;
  }
  const bool good = *sha256 == expected;
  fmt::print("  {}  {} ({}) sha256 {}\n", good ? "ok     " : "DAMAGED", path.filename().string(),
             about, *sha256);
  if (!good) fmt::print("           expected sha256 {}: fetch or install it again\n", expected);
  return good;
}

// Which network each size of face gets by itself.
void PrintAuto(const fs::path& folder) {
  const auto models = restore::FindModels(folder, restore::kAutoModel);
  if (!models) return;  // What is missing or damaged was said.
  std::string line;
  for (const auto& model : *models) {
    const bool last = &model == &models->back();
    line += fmt::format("{}{} for {}", line.empty() ? "" : ", ", model.name,
                        last ? "larger ones" : fmt::format("up to {} px", model.input_size));
  }
  if (models->size() == 1) line = models->front().name + " for every size";
  fmt::print("  auto     faces by their size in the photo: {}\n", line);
}

bool CheckModels(const fs::path& folder) {
  fmt::print("models in {}\n", folder.string());
  std::vector<fs::path> manifests;
  for (const auto& entry : EntriesOf(folder)) {
    if (entry.path().extension() == ".json") manifests.push_back(entry.path());
  }
  std::ranges::sort(manifests);
  bool good = !manifests.empty();
  if (manifests.empty()) fmt::print("  MISSING  no restoration model (*.json)\n");
  for (const auto& path : manifests) {
    const auto manifest = nn::LoadManifest(path);
    if (!manifest) {
      fmt::print("  DAMAGED  {}\n", manifest.error().message());
      good = false;
      continue;
    }
    const auto about = fmt::format("{}, version {}, {} px, {}", nn::NameOf(manifest->task),
                                   manifest->version, manifest->input_size, manifest->license);
    good = CheckModel(folder / manifest->file, manifest->sha256, about) && good;
  }
  PrintAuto(folder);
  for (const auto& model : face::kFaceModelFiles) {
    good = CheckModel(folder / "face" / model.file, model.sha256, model.purpose) && good;
  }
  return good;
}

// Fans turn only where the service was told that it may turn them.
void PrintFans() {
  const auto fans = heat::FindFans("/sys");
  if (fans.empty()) {
    fmt::print("fans     none that can be set by a file\n");
    return;
  }
  for (const auto& fan : fans) {
    fmt::print("fans     {} ({}): {}\n", fan.name, fan.file.string(),
               fan.is_writable ? "heat.fans = true takes it to full speed while it is hot"
                               : "this user may not set it");
  }
}

ExitCode RunDoctor(const fs::path& models) {
  fmt::print("{}\n", kSoftwareName);
  fmt::print("cpu      {}\n", CpuName());
  fmt::print("         {} threads usable, {}\n", AvailableCpus(), fmt::join(CpuFeatures(), " "));
  fmt::print("memory   {:.0f} MB available\n",
             static_cast<double>(AvailableMemoryBytes()) / kMegabyte);
  fmt::print("runtime  ONNX Runtime {}", nn::RuntimeVersion());
  for (const auto& library : codec::LibraryVersions()) fmt::print(", {}", library);
  fmt::print("\n");
  PrintFans();
  return CheckModels(nn::FindModelsFolder(models)) ? ExitCode::kOk : ExitCode::kSomeFailed;
}

}  // namespace

void AddDoctorCommand(CLI::App* app, ExitCode* exit_code) {
  auto* command = app->add_subcommand("doctor", "Show CPU, memory, libraries and models");
  const auto models = std::make_shared<std::string>();
  command->add_option("--models", *models, "Folder of the models");
  command->callback([models, exit_code] { *exit_code = RunDoctor(*models); });
}

}  // namespace gpen::app
