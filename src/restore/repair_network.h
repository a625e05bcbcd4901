// RepairNetwork: a network of ours that finds damage in a photo (scratches, dust, hairs, tears,
// cracks, the broken line of a fold, spots), as it is trained by training/ (repair_network.py).
//
// It works on the photo's own values at its own size, 8 and 16 bit. Not here: filling what is found
// (masked_fill.h), and what is wider than the network reaches (PhotoRepair). FindDamage() may be
// called from several threads at once.
#pragma once

#include <filesystem>
#include <stop_token>
#include <utility>

#include "base/result.h"
#include "image/image.h"
#include "nn/convolution_network.h"
#include "nn/manifest.h"
#include "restore/photo_strips.h"

namespace gpen::restore {

/// The name of the model that finds damage.
inline constexpr const char* kRepairModelName = "photo-repair";

class RepairNetwork {
 public:
  /// Loads the ONNX file in `models_folder` that `manifest` names. Errors: kModelMissing,
  /// kModelInvalid.
  static Result<RepairNetwork> Load(const std::filesystem::path& models_folder,
                                    const nn::Manifest& manifest);

  const nn::Manifest& manifest() const { return manifest_; }

  /// `photo`: kU8 or kU16, 1 to 4 channels; an even number of them has alpha. Returns an image of
  /// its size, kU8, one channel: how surely each pixel is damaged, of 255 (damage_marks.h). Errors:
  /// kCancelled. Lack of memory is std::bad_alloc.
  Result<Image> FindDamage(ImageView photo, int threads, const std::stop_token& stop,
                           const PhotoProgress& progress) const;

 private:
  RepairNetwork(nn::Manifest manifest, nn::ConvolutionNetwork network, int unshuffle)
      : manifest_(std::move(manifest)), network_(std::move(network)), unshuffle_(unshuffle) {}

  nn::Manifest manifest_;
  nn::ConvolutionNetwork network_;
  int unshuffle_;  ///< So many pixels a side are the channels of one in the network.
};

}  // namespace gpen::restore
