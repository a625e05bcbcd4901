#include "restore/face_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "nn/model_memory.h"

namespace gpen::restore {
namespace {

Result<void> CheckShape(const nn::TensorInfo& tensor, std::string_view kind, int size,
                        const std::filesystem::path& path) {
  const std::vector<std::int64_t> expected = {1, 3, size, size};
  if (tensor.shape == expected) return {};
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: its manifest asks for an {} of {}, the model has {}", path.string(),
                           kind, nn::ShapeText(expected), nn::ShapeText(tensor.shape)));
}

}  // namespace

Result<FaceNetwork> FaceNetwork::Load(const std::filesystem::path& models_folder,
                                      std::string_view name, int threads) {
  const auto manifest_path = models_folder / (std::string(name) + ".json");
  GPEN_ASSIGN_OR_RETURN(nn::Manifest manifest, nn::LoadManifest(manifest_path));
  const auto path = models_folder / manifest.file;
  const auto sha256 = Sha256OfFile(path);
  if (!sha256) {
    return Error(ErrorCode::kModelMissing,
                 fmt::format("{} names a model file that is missing: {}", manifest_path.string(),
                             sha256.error().message()));
  }
  if (*sha256 != manifest.sha256) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected sha256 {} (from {}), found {}. The file is damaged or "
                             "was replaced: install the model again",
                             path.string(), manifest.sha256, manifest_path.filename().string(),
                             *sha256));
  }
  std::error_code error;
  const auto file_bytes = std::filesystem::file_size(path, error);
  if (!error) GPEN_TRY(nn::CheckMemory(manifest, static_cast<std::int64_t>(file_bytes)));
  // Loaded by its path: a model's bytes in memory would add their size to the peak.
  GPEN_ASSIGN_OR_RETURN(auto session, nn::Session::Load(path, {.threads = threads}));
  if (session->inputs().size() != 1 || session->outputs().size() != 1) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected one input and one output, found {} and {}",
                             path.string(), session->inputs().size(), session->outputs().size()));
  }
  GPEN_TRY(CheckShape(session->inputs()[0], "input", manifest.input_size, path));
  GPEN_TRY(CheckShape(session->outputs()[0], "output", manifest.input_size, path));
  return FaceNetwork(std::move(manifest), std::move(session));
}

Result<Image> FaceNetwork::Run(ImageView aligned, std::stop_token stop) const {
  const auto [low, high] = manifest_.value_range;
  const float range = high - low;
  const std::size_t plane = static_cast<std::size_t>(size()) * static_cast<std::size_t>(size());
  // Planes 0, 1, 2 hold R, G, B, or B, G, R.
  const bool bgr = manifest_.color_order == nn::ColorOrder::kBgr;
  const std::size_t planes[3] = {bgr ? 2U : 0U, 1U, bgr ? 0U : 2U};

  std::vector<float> input(3 * plane);
  std::vector<float> output(3 * plane);
  std::size_t index = 0;
  for (int y = 0; y < size(); ++y) {
    const float* pixel = aligned.Row<float>(y);
    for (int x = 0; x < size(); ++x, pixel += 3, ++index) {
      for (std::size_t c = 0; c < 3; ++c) {
        input[planes[c] * plane + index] = std::clamp(pixel[c], 0.0F, 1.0F) * range + low;
      }
    }
  }
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {output};
  GPEN_TRY(session_->Run(inputs, outputs, stop));

  Image result(size(), size(), 3, SampleType::kF32);
  index = 0;
  for (int y = 0; y < size(); ++y) {
    float* pixel = result.Row<float>(y);
    for (int x = 0; x < size(); ++x, pixel += 3, ++index) {
      for (std::size_t c = 0; c < 3; ++c) {
        const float value = (output[planes[c] * plane + index] - low) / range;
        // A NaN compares false and becomes 0: it must not spread into the photo.
        pixel[c] = value > 0 ? std::min(value, 1.0F) : 0.0F;
      }
    }
  }
  return result;
}

}  // namespace gpen::restore
