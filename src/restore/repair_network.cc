#include "restore/repair_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nn/installed_model.h"

namespace gpen::restore {
namespace {

constexpr int kColors = 3;
// As in training/gpen_training/repair_network.py: a pixel less surely damaged stays as it is, and
// from the second on it is replaced wholly.
constexpr float kLeast = 0.35F;
constexpr float kWhole = 0.65F;

// 0 to 1. What is not a number is no damage.
float CoverOf(float logit) {
  constexpr float kLeastLogit = -0.62F;  // Surely not more than kLeast; spares the exponential.
  if (!(logit > kLeastLogit)) return 0;
  const float sure = 1 / (1 + std::exp(-logit));
  return std::clamp((sure - kLeast) / (kWhole - kLeast), 0.0F, 1.0F);
}

struct Layout {
  int unshuffle;
  bool is_gray;    // Of the photo: one colour.
  bool only_gray;  // What is filled.
  int step;        // Of the photo's pixels, alpha included.
};

// `change`: what the network adds to each colour, `plane` floats apart.
template <typename Sample>
void Fill(const Layout& layout, const float* change, int plane, float cover, Sample* pixel) {
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  float filled[kColors];
  for (int c = 0; c < kColors; ++c) {
    const float is = static_cast<float>(pixel[layout.is_gray ? 0 : c]) / kUnit;
    filled[c] = std::clamp(is + change[c * plane], 0.0F, 1.0F);
  }
  const float luma = LumaOf(filled, 1);
  for (int c = 0; c < (layout.is_gray ? 1 : kColors); ++c) {
    const float is = static_cast<float>(pixel[c]) / kUnit;
    const float wanted = layout.only_gray ? luma : filled[c];
    pixel[c] = ToSample<Sample>(is + cover * (wanted - is));
  }
}

// Row `y` of the network's output for a strip: changes the copy of the photo, whose pixels are
// still the photo's own there.
template <typename Sample>
void TakeRow(const Layout& layout, const PhotoStrip& strip, int y, const float* row, int step,
             MutableImageView photo, MutableImageView mask) {
  const int u = layout.unshuffle;
  const int plane = u * u;
  const int end = std::min((strip.first + strip.width) * u, photo.width());
  for (int i = 0; i < u; ++i) {
    const int to_y = y * u + i;
    if (to_y >= photo.height()) continue;
    Sample* to = photo.Row<Sample>(to_y) + std::ptrdiff_t{strip.first} * u * layout.step;
    auto* marked = mask.Row<std::uint8_t>(to_y);
    for (int x = strip.first * u; x < end; ++x, to += layout.step) {
      const int at = x - strip.first * u;
      const float* pixel = row + std::ptrdiff_t{at / u} * step + i * u + at % u;
      const float cover = CoverOf(pixel[kColors * plane]);
      marked[x] = cover > 0 ? std::max<std::uint8_t>(1, ToSample<std::uint8_t>(cover)) : 0;
      if (cover > 0) Fill(layout, pixel, plane, cover, to);
    }
  }
}

}  // namespace

Result<RepairNetwork> RepairNetwork::Load(const std::filesystem::path& models_folder,
                                          const nn::Manifest& manifest) {
  const auto path = models_folder / manifest.file;
  if (manifest.task != nn::Task::kPhoto) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected a network for photos, found one for {}", path.string(),
                             nn::NameOf(manifest.task)));
  }
  GPEN_ASSIGN_OR_RETURN(auto network, nn::LoadInstalledConvolutions(manifest, path));
  const auto shapes = network.OutputShapes(64, 64);
  for (const int u : {1, 2, 3, 4}) {
    if (network.input_channels() == kColors * u * u && shapes.size() == 1 &&
        shapes[0] == nn::MapShape{64, 64, (kColors + 1) * u * u}) {
      return RepairNetwork(manifest, std::move(network), u);
    }
  }
  return Error(
      ErrorCode::kModelInvalid,
      fmt::format("{}: expected the colours of a square of pixels as input, and one output "
                  "of the same size with their change and a mask: convert it again",
                  path.string()));
}

Result<Repaired> RepairNetwork::Run(ImageView photo, bool only_gray, int threads,
                                    const std::stop_token& stop,
                                    const PhotoProgress& progress) const {
  Repaired repaired;
  repaired.photo = Image(photo.width(), photo.height(), photo.channels(), photo.type());
  for (int y = 0; y < photo.height(); ++y) {
    std::memcpy(repaired.photo.mutable_view().data() +
                    static_cast<std::size_t>(y) * repaired.photo.stride_bytes(),
                photo.data() + static_cast<std::size_t>(y) * photo.stride_bytes(),
                repaired.photo.stride_bytes());
  }
  repaired.mask = Image(photo.width(), photo.height(), 1, SampleType::kU8);
  const Layout layout = {unshuffle_, photo.channels() <= 2, only_gray || photo.channels() <= 2,
                         photo.channels()};
  const auto to = repaired.photo.mutable_view();
  const auto mask = repaired.mask.mutable_view();
  GPEN_TRY(StreamPhoto(
      network_, {.photo = photo, .unshuffle = unshuffle_}, threads,
      [&](const PhotoStrip& strip, int y, const float* row, int step) {
        if (photo.type() == SampleType::kU8) {
          TakeRow<std::uint8_t>(layout, strip, y, row, step, to, mask);
        } else {
          TakeRow<std::uint16_t>(layout, strip, y, row, step, to, mask);
        }
      },
      stop, progress));
  return repaired;
}

}  // namespace gpen::restore
