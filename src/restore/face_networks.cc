#include "restore/face_networks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/sha256.h"
#include "face/face_parser.h"
#include "nn/precision_record.h"

namespace gpen::restore {
namespace {

namespace fs = std::filesystem;

Result<nn::Manifest> LoadManifestOf(const fs::path& folder, std::string_view name) {
  return nn::LoadManifest(folder / (std::string(name) + ".json"));
}

// All members stand for one another, face by face.
Result<void> CheckAlike(const std::vector<nn::Manifest>& manifests) {
  for (const auto& manifest : manifests) {
    if (manifest.task == nn::Task::kPhoto) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("the model {} is made for photos, not for faces: it is used by the "
                               "options --enlarge, --clean and --repair",
                               manifest.name));
    }
    if (manifest.task == nn::Task::kParsing) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("the model {} tells the parts of a face apart and restores none: it "
                               "is used by itself",
                               manifest.name));
    }
    if (manifest.task == nn::Task::kSegmentationToFace) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("the model {} is made for {}: it does not take photos. Run it with "
                               "'gpen model run {}'",
                               manifest.name, nn::NameOf(manifest.task), manifest.name));
    }
    const auto& first = manifests.front();
    if (manifest.task == first.task && manifest.face_template == first.face_template) continue;
    return Error(
        ErrorCode::kModelInvalid,
        fmt::format("{} is made for {} with the template {}, {} for {} with the template "
                    "{}: they cannot stand for one another; name one of them",
                    first.name, nn::NameOf(first.task), nn::NameOf(first.face_template),
                    manifest.name, nn::NameOf(manifest.task), nn::NameOf(manifest.face_template)));
  }
  return {};
}

}  // namespace

Result<std::vector<nn::Manifest>> FindModels(const fs::path& models_folder,
                                             std::string_view model) {
  std::vector<nn::Manifest> found;
  if (model != kAutoModel) {
    GPEN_ASSIGN_OR_RETURN(found.emplace_back(), LoadManifestOf(models_folder, model));
    return found;
  }
  for (const auto name : kLightModels) {
    auto manifest = LoadManifestOf(models_folder, name);
    if (manifest) {
      found.push_back(*std::move(manifest));
    } else if (manifest.error().code() != ErrorCode::kModelMissing) {
      return std::move(manifest).error();
    }
  }
  if (found.empty()) {
    return Error(ErrorCode::kModelMissing,
                 fmt::format("{}: expected at least one of {}.json, found none. 'gpen model list' "
                             "shows what is installed, --model takes one by its name",
                             models_folder.string(), fmt::join(kLightModels, ".json, ")));
  }
  return found;
}

Result<std::vector<nn::Manifest>> FindRunningModels(const fs::path& models_folder,
                                                    std::string_view model,
                                                    const fs::path& precision_record) {
  GPEN_ASSIGN_OR_RETURN(auto manifests, FindModels(models_folder, model));
  for (auto& manifest : manifests) {
    const auto preferred = nn::PreferredModel(models_folder, manifest.name, precision_record);
    if (preferred == manifest.name) continue;
    GPEN_ASSIGN_OR_RETURN(manifest, LoadManifestOf(models_folder, preferred));
  }
  GPEN_TRY(CheckAlike(manifests));
  std::ranges::stable_sort(manifests, {}, &nn::Manifest::input_size);
  return manifests;
}

std::string FingerprintOf(const std::vector<nn::Manifest>& manifests) {
  if (manifests.size() == 1) return manifests.front().sha256;
  std::string all;
  for (const auto& manifest : manifests) all += manifest.sha256 + "\n";
  return Sha256(AsBytes(all));
}

std::string WithParser(const std::string& fingerprint, const fs::path& models_folder) {
  const std::string parser = face::FaceParserChecksum(models_folder);
  return parser.empty() ? fingerprint : Sha256(AsBytes(fingerprint + "\n" + parser));
}

std::string NameAndVersion(const nn::Manifest& manifest) {
  return manifest.name + " " + manifest.version;
}

Result<FaceNetworks> FaceNetworks::Find(std::shared_ptr<LoadedNetworks> loaded,
                                        std::string_view model, const fs::path& precision_record) {
  GPEN_ASSIGN_OR_RETURN(auto manifests,
                        FindRunningModels(loaded->models_folder(), model, precision_record));
  return FaceNetworks(std::move(loaded), std::move(manifests), model == kAutoModel);
}

Result<FaceNetworks> FaceNetworks::Load(std::shared_ptr<LoadedNetworks> loaded,
                                        std::string_view model, const fs::path& precision_record) {
  GPEN_ASSIGN_OR_RETURN(auto networks, Find(std::move(loaded), model, precision_record));
  GPEN_TRY(networks.For(0));
  return networks;
}

Result<std::shared_ptr<const FaceNetwork>> FaceNetworks::For(double crop_side) const {
  const auto enough = std::ranges::find_if(
      manifests_, [&](const auto& manifest) { return manifest.input_size >= crop_side; });
  return loaded_->Get(enough == manifests_.end() ? manifests_.back() : *enough, stay_);
}

std::string FaceNetworks::Names() const {
  std::vector<std::string> names;
  for (const auto& manifest : manifests_) names.push_back(NameAndVersion(manifest));
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace gpen::restore
