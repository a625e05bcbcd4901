#include "face/face_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "image/resample.h"
#include "nn/installed_model.h"

namespace gpen::face {
namespace {

constexpr int kColors = 3;
constexpr int kInputChannels = kColors + 2;  // And where the pixel lies, across and down.

// -1 at the first pixel, 1 at the last.
float PlaceOf(int at, int side) {
  return 2 * static_cast<float>(at) / static_cast<float>(side - 1) - 1;
}

void FillRow(ImageView crop, int y, float* row) {
  const int side = crop.width();
  const float* pixel = crop.Row<float>(y);
  for (int x = 0; x < side; ++x, pixel += kColors, row += kInputChannels) {
    for (int c = 0; c < kColors; ++c) row[c] = 2 * pixel[c] - 1;
    row[kColors] = PlaceOf(x, side);
    row[kColors + 1] = PlaceOf(y, side);
  }
}

// Scores of the classes, `plane` floats apart, as probabilities.
void SoftMax(const float* scores, int plane, float* shares) {
  float largest = scores[0];
  for (int i = 1; i < kFaceParts; ++i) largest = std::max(largest, scores[i * plane]);
  float sum = 0;
  for (int i = 0; i < kFaceParts; ++i) {
    shares[i] = std::exp(scores[i * plane] - largest);
    sum += shares[i];
  }
  for (int i = 0; i < kFaceParts; ++i) shares[i] /= sum;
}

Result<nn::Manifest> InstalledManifest(const std::filesystem::path& models_folder) {
  return nn::LoadManifest(models_folder / (std::string(kParsingModel) + ".json"));
}

}  // namespace

Result<FaceParser> FaceParser::Load(const std::filesystem::path& models_folder,
                                    const nn::Manifest& manifest) {
  const auto path = models_folder / manifest.file;
  if (manifest.task != nn::Task::kParsing) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected a network that tells the parts of a face apart, found "
                             "one for {}",
                             path.string(), nn::NameOf(manifest.task)));
  }
  GPEN_ASSIGN_OR_RETURN(auto network, nn::LoadInstalledConvolutions(manifest, path));
  const int side = manifest.input_size;
  const auto shapes = network.OutputShapes(side, side);
  const int shrink = shapes.size() == 1 && shapes[0].width > 0 ? side / shapes[0].width : 0;
  if (network.input_channels() != kInputChannels || shrink < 1 ||
      shapes[0].width * shrink != side || shapes[0].height * shrink != side ||
      shapes[0].channels != kFaceParts * shrink * shrink) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected {} channels of input and a square of pixels for each of "
                             "{} parts as the output: convert it again",
                             path.string(), kInputChannels, kFaceParts));
  }
  return FaceParser(manifest, std::move(network), shrink);
}

Result<Image> FaceParser::Parse(ImageView crop, std::stop_token stop) const {
  const int side = manifest_.input_size;
  const Image resized = crop.width() == side ? Image() : Resize(crop, side, side);
  const ImageView seen = resized.empty() ? crop : resized.view();
  Image parts(side, side, kFaceParts, SampleType::kF32);
  const int plane = shrink_ * shrink_;
  GPEN_TRY(network_.Stream(
      side, side, [&](int y, float* row) { FillRow(seen, y, row); },
      [&](int y, const float* row, int step) {
        for (int inner = 0; inner < shrink_; ++inner) {
          float* to = parts.Row<float>(y * shrink_ + inner);
          for (int x = 0; x < side; ++x, to += kFaceParts) {
            const float* pixel = row + std::ptrdiff_t{x / shrink_} * step;
            SoftMax(pixel + inner * shrink_ + x % shrink_, plane, to);
          }
        }
      },
      std::move(stop)));
  return parts;
}

Result<std::optional<FaceParser>> LoadFaceParser(const std::filesystem::path& models_folder) {
  const auto manifest = InstalledManifest(models_folder);
  if (!manifest && manifest.error().code() == ErrorCode::kModelMissing) {
    return std::optional<FaceParser>();
  }
  GPEN_TRY(manifest);
  GPEN_ASSIGN_OR_RETURN(auto parser, FaceParser::Load(models_folder, *manifest));
  return std::optional(std::move(parser));
}

std::string FaceParserChecksum(const std::filesystem::path& models_folder) {
  const auto manifest = InstalledManifest(models_folder);
  return manifest ? manifest->sha256 : "";
}

}  // namespace gpen::face
