// FaceNetworks: the restoration networks at hand, and which of them suits a face.
//
// A model's name stands for that network alone; kAutoModel for this project's light ones together,
// of which a face gets the smallest that has the pixels that are wanted of it. Each is loaded when
// a face first asks for it. For() may be called from several threads at once.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/manifest.h"
#include "restore/face_network.h"
#include "restore/loaded_networks.h"

namespace gpen::restore {

inline constexpr std::string_view kAutoModel = "auto";

/// The names that kAutoModel stands for, the smallest network first. One that is not installed is
/// done without.
inline constexpr std::string_view kLightModels[] = {"gpen-lite-256", "gpen-lite-512"};

/// Errors: those of nn::LoadManifest; kModelMissing for kAutoModel where no light network is there.
Result<std::vector<nn::Manifest>> FindModels(const std::filesystem::path& models_folder,
                                             std::string_view model);

/// Those that run where `model` is asked for, the smallest first. `precision_record`: where a
/// network stands for another that runs better on this machine (nn::PreferredModel); empty:
/// nowhere. Errors: those of FindModels; kInvalidArgument for a network that does not take photos.
Result<std::vector<nn::Manifest>> FindRunningModels(const std::filesystem::path& models_folder,
                                                    std::string_view model,
                                                    const std::filesystem::path& precision_record);

/// What a result of these depends on: the checksum of the only one, or one over those of all.
std::string FingerprintOf(const std::vector<nn::Manifest>& manifests);

/// What a restored face depends on: `fingerprint` of the networks that restore it, and the one that
/// tells its parts apart (face/face_parser.h), where `models_folder` has it.
std::string WithParser(const std::string& fingerprint, const std::filesystem::path& models_folder);

/// "gpen-lite-256 5": as reports and metadata state a network.
std::string NameAndVersion(const nn::Manifest& manifest);

class FaceNetworks {
 public:
  /// Of what `loaded` has and loads; nothing is loaded yet. Errors: those of FindRunningModels.
  static Result<FaceNetworks> Find(std::shared_ptr<LoadedNetworks> loaded, std::string_view model,
                                   const std::filesystem::path& precision_record = {});

  /// The same, the smallest loaded. Errors: those of FaceNetwork::Load too.
  static Result<FaceNetworks> Load(std::shared_ptr<LoadedNetworks> loaded, std::string_view model,
                                   const std::filesystem::path& precision_record = {});

  /// The network for a face of whose crop `crop_side` pixels a side are wanted. Errors: those of
  /// FaceNetwork::Load.
  Result<std::shared_ptr<const FaceNetwork>> For(double crop_side) const;

  /// What all of them do.
  nn::Task task() const { return manifests_.front().task; }
  /// Where all of them expect a face.
  nn::FaceTemplate face_template() const { return manifests_.front().face_template; }
  /// Names and versions of all of them.
  std::string Names() const;
  /// FingerprintOf() all of them.
  std::string Fingerprint() const { return FingerprintOf(manifests_); }

 private:
  FaceNetworks(std::shared_ptr<LoadedNetworks> loaded, std::vector<nn::Manifest> manifests,
               bool stay)
      : loaded_(std::move(loaded)), manifests_(std::move(manifests)), stay_(stay) {}

  std::shared_ptr<LoadedNetworks> loaded_;
  std::vector<nn::Manifest> manifests_;  ///< The smallest first; at least one.
  bool stay_;                            ///< The light ones, of which there are two.
};

}  // namespace gpen::restore
