// FaceExtractor: photos -> aligned faces that are good enough to train on.
//
// Finds and aligns faces exactly as PhotoRestorer does, runs no restoration, and says of each face
// why it is left out. Remembers the faces that it kept, so that the same picture of a face is kept
// once. Not thread-safe.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/limits.h"
#include "face/face_finder.h"
#include "image/image.h"
#include "nn/manifest.h"

namespace gpen::restore {

struct ExtractOptions {
  std::filesystem::path models_folder;  ///< Of which the face networks are used.
  int threads = 1;
  codec::Limits limits;
  int size = 256;  ///< Of the faces, pixels.
  nn::FaceTemplate face_template = nn::FaceTemplate::kFfhq;
  double max_enlargement = 1.25;  ///< Of the photo's pixels: beyond it a face is tiny.
  double least_sharpness = 0.55;  ///< See Sharpness(); below it a face is soft.
};

enum class Verdict : std::uint8_t { kKept, kTiny, kCutOff, kSoft, kDuplicate };
constexpr int kVerdicts = 5;

/// "kept", "tiny", "cut off", "soft", "duplicate".
std::string_view NameOf(Verdict verdict);

struct ExtractedFace {
  face::Box box;  ///< In pixels of the photo.
  Verdict verdict = Verdict::kKept;
  std::string reason;  ///< With the figure that decided; empty for kKept.
  Image crop;          ///< kF32 x 3, sRGB 0..1, size x size; empty unless kept.
};

class FaceExtractor {
 public:
  /// Errors: those of FaceFinder::Create.
  static Result<FaceExtractor> Create(const ExtractOptions& options);

  /// All faces of the photo in `file`, largest first. Errors: those of codec::Decode and
  /// FaceFinder::Find, kOutOfMemory.
  Result<std::vector<ExtractedFace>> Extract(std::span<const std::byte> file,
                                             std::stop_token stop = {});

 private:
  using Fingerprint = std::array<float, 256>;  // 16 x 16 luma, mean 0, length 1.

  FaceExtractor(const ExtractOptions& options, face::FaceFinder finder)
      : options_(options), finder_(std::move(finder)) {}

  Result<std::vector<ExtractedFace>> ExtractSteps(std::span<const std::byte> file,
                                                  std::stop_token stop);
  void Judge(ImageView mask, bool cut_off, double enlargement, ExtractedFace* face);

  ExtractOptions options_;
  face::FaceFinder finder_;
  std::vector<Fingerprint> kept_;
};

/// Finest detail of `face` (kF32 x 3) against the next coarser one, inside `mask` (kF32 x 1).
/// Measured on 25 portraits at 256 pixels: 0.61 to 1.25; blurred by 1 pixel 0.51 to 0.70, by 1.5
/// 0.44 to 0.51.
double Sharpness(ImageView face, ImageView mask);

}  // namespace gpen::restore
