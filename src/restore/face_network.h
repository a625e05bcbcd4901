// FaceNetwork: an installed restoration model, checked against its manifest and ready to run.
//
// Run() may be called from several threads at once.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "image/image.h"
#include "nn/manifest.h"
#include "nn/session.h"

namespace gpen::restore {

class FaceNetwork {
 public:
  /// Loads the ONNX file in `models_folder` that `manifest` names. Errors: those of
  /// nn::LoadInstalled.
  static Result<FaceNetwork> Load(const std::filesystem::path& models_folder,
                                  const nn::Manifest& manifest, int threads);

  const nn::Manifest& manifest() const { return manifest_; }
  int size() const { return manifest_.input_size; }

  /// `aligned`: size() x size(), kF32 x 3, sRGB in 0..1. Returns the network's picture in the same
  /// form, clipped to 0..1. Errors: those of nn::Session::Run.
  Result<Image> Run(ImageView aligned, std::stop_token stop) const;

 private:
  FaceNetwork(nn::Manifest manifest, std::unique_ptr<nn::Session> session)
      : manifest_(std::move(manifest)), session_(std::move(session)) {}

  nn::Manifest manifest_;
  std::unique_ptr<nn::Session> session_;
};

}  // namespace gpen::restore
