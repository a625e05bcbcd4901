// Which of the installed models a photo may ask for: those that restore faces, and kAutoModel.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpen::restore {

/// What a person is told of a model before choosing it. Plain values.
struct ModelChoice {
  std::string name;
  std::string version;
  std::string task;
  int input_size = 0;  ///< Pixels of a face's picture.
  std::string license;
  std::string provenance;
  bool is_light = false;  ///< One of those that kAutoModel stands for.
};

/// The models in `models_folder` that restore faces and whose files are there, by name.
std::vector<ModelChoice> ModelChoices(const std::filesystem::path& models_folder);

/// Their names, and kAutoModel where it stands for any; sorted.
std::vector<std::string> ModelNames(const std::filesystem::path& models_folder);

/// Errors: kInvalidArgument, with the names that there are, where `model` is none of them.
Result<void> CheckModelChoice(const std::filesystem::path& models_folder, std::string_view model);

/// What a face depends on that `model` restores: see FingerprintOf() and WithParser(). Errors:
/// those of CheckModelChoice and FindRunningModels.
Result<std::string> FacesFingerprint(const std::filesystem::path& models_folder,
                                     std::string_view model,
                                     const std::filesystem::path& precision_record);

}  // namespace gpen::restore
