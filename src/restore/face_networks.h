// FaceNetworks: the restoration networks at hand, and which of them suits a face.
//
// A model's name stands for that network alone; kAutoModel for this project's light ones together,
// of which each face gets the smallest that has at least the pixels that the photo has of it. The
// smallest is loaded at once, a larger one when a face first asks for it. For() may be called from
// several threads at once.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/manifest.h"
#include "restore/face_network.h"

namespace gpen::restore {

inline constexpr std::string_view kAutoModel = "auto";

/// The names that kAutoModel stands for, the smallest network first. One that is not installed is
/// done without.
inline constexpr std::string_view kLightModels[] = {"gpen-lite-256", "gpen-lite-512"};

/// Errors: those of nn::LoadManifest; kModelMissing for kAutoModel where no light network is there.
Result<std::vector<nn::Manifest>> FindModels(const std::filesystem::path& models_folder,
                                             std::string_view model);

/// What a result of these depends on: the checksum of the only one, or one over those of all.
std::string FingerprintOf(const std::vector<nn::Manifest>& manifests);

/// What a restored face depends on: `fingerprint` of the networks that restore it, and the one that
/// tells its parts apart (face/face_parser.h), where `models_folder` has it.
std::string WithParser(const std::string& fingerprint, const std::filesystem::path& models_folder);

/// "gpen-lite-256 5": as reports and metadata state a network.
std::string NameAndVersion(const nn::Manifest& manifest);

class FaceNetworks {
 public:
  /// `precision_record`: where a network stands for another that runs better on this machine
  /// (nn::PreferredModel); empty: nowhere.
  ///
  /// Errors: those of FindModels and FaceNetwork::Load; kInvalidArgument for a network that does
  /// not take photos.
  static Result<FaceNetworks> Load(const std::filesystem::path& models_folder,
                                   std::string_view model, int threads,
                                   const std::filesystem::path& precision_record = {});

  FaceNetworks(FaceNetworks&&) noexcept;
  FaceNetworks& operator=(FaceNetworks&&) noexcept;
  ~FaceNetworks();

  /// The network for a face whose crop has `crop_side` pixels a side in the photo. Errors: those of
  /// FaceNetwork::Load.
  Result<const FaceNetwork*> For(double crop_side) const;

  /// What all of them do.
  nn::Task task() const;
  /// Where all of them expect a face.
  nn::FaceTemplate face_template() const;
  /// Names and versions of all of them.
  std::string Names() const;
  /// FingerprintOf() all of them.
  std::string Fingerprint() const;

 private:
  class Member;
  explicit FaceNetworks(std::vector<std::unique_ptr<Member>> members);

  std::vector<nn::Manifest> Manifests() const;

  std::vector<std::unique_ptr<Member>> members_;  ///< The smallest first; at least one.
};

}  // namespace gpen::restore
