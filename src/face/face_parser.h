// FaceParser: what each pixel of an aligned face's crop shows, by a light network of ours. Of a
// neighbour's face it should say background. Parse() may be called from several threads at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "image/image.h"
#include "nn/convolution_network.h"
#include "nn/manifest.h"

namespace gpen::face {

/// In the order of the network's classes. To the face belong ears, neck and glasses.
enum class FacePart : std::uint8_t { kBackground, kFace, kHair, kHatsAndClothes };
inline constexpr int kFaceParts = 4;

/// The model's name in the models folder.
inline constexpr std::string_view kParsingModel = "face-parsing";

class FaceParser {
 public:
  /// Loads the ONNX file in `models_folder` that `manifest` names. Errors: kModelMissing,
  /// kModelInvalid.
  static Result<FaceParser> Load(const std::filesystem::path& models_folder,
                                 const nn::Manifest& manifest);

  const nn::Manifest& manifest() const { return manifest_; }

  /// `crop`: kF32 x 3, sRGB 0..1, square. Returns kF32 x kFaceParts, as large as the network sees
  /// the crop (its manifest's input_size): how likely each part is, together 1. Errors: kCancelled.
  Result<Image> Parse(ImageView crop, std::stop_token stop = {}) const;

 private:
  FaceParser(nn::Manifest manifest, nn::ConvolutionNetwork network, int shrink)
      : manifest_(std::move(manifest)), network_(std::move(network)), shrink_(shrink) {}

  nn::Manifest manifest_;
  nn::ConvolutionNetwork network_;
  int shrink_;  ///< So many pixels a side are the channels of one of the output.
};

/// The installed network; nothing where there is none. Errors: those of nn::LoadManifest and
/// Load().
Result<std::optional<FaceParser>> LoadFaceParser(const std::filesystem::path& models_folder);

/// What a mask depends on: the checksum of the network in `models_folder`; empty where there is
/// none.
std::string FaceParserChecksum(const std::filesystem::path& models_folder);

}  // namespace gpen::face
