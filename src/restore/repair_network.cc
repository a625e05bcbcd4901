#include "restore/repair_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace gpen::restore {
namespace {

constexpr int kColors = 3;

// Of 255. What is not a number is no damage.
std::uint8_t SureOf(float logit) { return ToSample<std::uint8_t>(1 / (1 + std::exp(-logit))); }

}  // namespace

Result<RepairNetwork> RepairNetwork::Load(const std::filesystem::path& models_folder,
                                          const nn::Manifest& manifest) {
  GPEN_ASSIGN_OR_RETURN(auto network, LoadForPhotos(models_folder, manifest));
  const auto shapes = network.OutputShapes(64, 64);
  for (const int u : {1, 2, 3, 4}) {
    if (network.input_channels() == kColors * u * u && shapes.size() == 1 &&
        shapes[0] == nn::MapShape{64, 64, u * u}) {
      return RepairNetwork(manifest, std::move(network), u);
    }
  }
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: expected the colours of a square of pixels as input, and a mask of "
                           "the same size as the one output: convert it again",
                           (models_folder / manifest.file).string()));
}

Result<Image> RepairNetwork::FindDamage(ImageView photo, int threads, const std::stop_token& stop,
                                        const PhotoProgress& progress) const {
  Image sure(photo.width(), photo.height(), 1, SampleType::kU8);
  const auto to = sure.mutable_view();
  const int u = unshuffle_;
  const auto take_row = [&](const PhotoStrip& strip, int y, const float* row, int step) {
    const int end = std::min((strip.first + strip.width) * u, to.width());
    for (int i = 0; i < u && y * u + i < to.height(); ++i) {
      auto* sure_row = to.Row<std::uint8_t>(y * u + i);
      for (int x = strip.first * u; x < end; ++x) {
        const int at = x - strip.first * u;
        sure_row[x] = SureOf(row[std::ptrdiff_t{at / u} * step + i * u + at % u]);
      }
    }
  };
  GPEN_TRY(
      StreamPhoto(network_, {.photo = photo, .unshuffle = u}, threads, take_row, stop, progress));
  return sure;
}

}  // namespace gpen::restore
