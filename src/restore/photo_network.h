// PhotoNetwork: a network of ours that cleans a whole photo and makes it 1, 2 or 4 times as large.
//
// It works on the photo's own values, whatever its space: gray stays gray, 8 and 16 bit stay, alpha
// is enlarged by an ordinary filter. The photo passes through it in upright strips, row by row, so
// that beside the new picture it takes a few megabytes for each thread. Run() may be called from
// several threads at once.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "image/image.h"
#include "nn/convolution_network.h"
#include "nn/manifest.h"

namespace gpen::restore {

class PhotoNetwork {
 public:
  /// Loads the ONNX file in `models_folder` that `manifest` names. Errors: kModelMissing,
  /// kModelInvalid.
  static Result<PhotoNetwork> Load(const std::filesystem::path& models_folder,
                                   const nn::Manifest& manifest);

  const nn::Manifest& manifest() const { return manifest_; }
  /// How many times as large the photo becomes.
  int scale() const { return scale_; }

  /// Called now and then, in the thread that called Run(), with the part that is done, 0..1.
  using Progress = std::function<void(double done)>;

  /// `photo`: kU8 or kU16, 1 to 4 channels; an even number of them has alpha. `amount`: of
  /// cleaning, 0 to 1. Returns a picture of the same kind, scale() times as large. Errors:
  /// kCancelled. Lack of memory is std::bad_alloc.
  Result<Image> Run(ImageView photo, double amount, int threads, std::stop_token stop = {},
                    const Progress& progress = {}) const;

 private:
  PhotoNetwork(nn::Manifest manifest, nn::ConvolutionNetwork network, int scale, int unshuffle)
      : manifest_(std::move(manifest)),
        network_(std::move(network)),
        scale_(scale),
        unshuffle_(unshuffle) {}

  nn::Manifest manifest_;
  nn::ConvolutionNetwork network_;
  int scale_;
  int unshuffle_;  ///< So many pixels a side are the channels of one in the network.
};

}  // namespace gpen::restore
