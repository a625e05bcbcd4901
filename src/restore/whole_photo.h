// WholePhoto: what is done to all of a photo beside its faces: repaired, cleaned, sharpened,
// enlarged. Which network does it, whether the result will fit, and the run itself.
//
// The networks are loaded when they are first asked for; a photo for which nothing of this is
// wanted needs none. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/encode.h"
#include "codec/limits.h"
#include "codec/photo.h"
#include "nn/manifest.h"
#include "restore/face_patch.h"
#include "restore/photo_network.h"
#include "restore/photo_repair.h"
#include "restore/restore_options.h"

namespace gpen::restore {

/// The networks that make a whole photo anew.
enum class PhotoModel : std::uint8_t { kClean, kSharpen, kX2, kX4 };

/// Of the installed model.
std::string_view NameOf(PhotoModel model);

/// What a result of these depends on: one checksum over those of all that are installed in
/// `models_folder`.
std::string PhotoModelsFingerprint(const std::filesystem::path& models_folder);

/// That the photo which `info` describes may be enlarged as `options` ask, written as `format`. One
/// that is only cleaned stays within the limits that it was decoded under. Nothing is allocated.
/// Errors: kImageTooLarge, with the number that would fit.
Result<void> CheckEnlarged(const codec::PhotoInfo& info, const RestoreOptions& options,
                           codec::Format format, const codec::Limits& limits);

/// What WholePhoto::Change() did.
struct WholePhotoChange {
  Image pixels = {};          ///< None where nothing was to be done.
  double amount = 0;          ///< Of cleaning, 0 to 1: see restore/cleaning.h.
  double blur = 0;            ///< That was taken away, pixels: see restore/blur.h.
  double sharpen_ms = 0;      ///< That measuring and taking it away took.
  std::string networks = {};  ///< Names and versions of those that ran.
};

class WholePhoto {
 public:
  WholePhoto(const std::filesystem::path& models_folder, int threads);
  WholePhoto(WholePhoto&&) noexcept;
  WholePhoto& operator=(WholePhoto&&) noexcept;
  ~WholePhoto();

  /// Errors: those of nn::LoadManifest and PhotoNetwork::Load.
  Result<const PhotoNetwork*> Network(PhotoModel model) const;

  /// The photo's pixels cleaned, sharpened and enlarged as `options` ask, whose
  /// changes_whole_photo() holds. Errors: those of Network() and PhotoNetwork::Run.
  Result<WholePhotoChange> Change(const RestoreOptions& options, std::stop_token stop,
                                  const PhotoNetwork::Progress& progress,
                                  const codec::Photo& photo) const;

  /// Takes from a patch's output the noise that its network has left, as `percent` asks for the
  /// whole photo: a face that is noisier than all about it is no part of it. Errors: those of
  /// Network() and PhotoNetwork::Run.
  Result<void> CleanFace(int percent, std::stop_token stop, FacePatch* patch) const;

  /// Fills the damage in the photo's pixels as far as `options` ask, and returns where it was: see
  /// Repaired::mask. Errors: those of PhotoRepair::Repair.
  Result<Image> Repair(const RestoreOptions& options, std::stop_token stop,
                       const PhotoProgress& progress, codec::Photo* photo) const;

  /// The network that repairs. Errors: those of PhotoRepair::Network.
  Result<const RepairNetwork*> RepairingNetwork() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gpen::restore
