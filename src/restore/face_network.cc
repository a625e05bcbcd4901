#include "restore/face_network.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "nn/installed_model.h"

namespace gpen::restore {

Result<FaceNetwork> FaceNetwork::Load(const std::filesystem::path& models_folder,
                                      const nn::Manifest& manifest, int threads) {
  const auto path = models_folder / manifest.file;
  GPEN_ASSIGN_OR_RETURN(auto session, nn::LoadInstalled(manifest, path, {.threads = threads}));
  return FaceNetwork(manifest, std::move(session));
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
