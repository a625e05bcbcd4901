#include "restore/photo_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "image/resample.h"
#include "restore/photo_strips.h"

namespace gpen::restore {
namespace {

constexpr int kColors = 3;

// 0 where `square` is no square of a number up to 4.
int RootOf(int square) {
  for (const int root : {1, 2, 3, 4}) {
    if (root * root == square) return root;
  }
  return 0;
}

// From a network's result to the samples of the photo.
struct Layout {
  int scale;
  int unshuffle;
  int colors;  // Of the photo: 1 or 3.
  int step;    // Of its pixels, alpha included.
};

// Row `y` of the network's output for a strip.
template <typename Sample>
void TakeRow(const Layout& layout, const PhotoStrip& strip, int y, const float* row, int step,
             MutableImageView result) {
  const int factor = layout.scale * layout.unshuffle;
  const int plane = factor * factor;
  for (int i = 0; i < factor; ++i) {
    const int to_y = y * factor + i;
    if (to_y >= result.height()) continue;
    const int end = std::min((strip.first + strip.width) * factor, result.width());
    Sample* to = result.Row<Sample>(to_y) + std::ptrdiff_t{strip.first} * factor * layout.step;
    for (int x = strip.first * factor; x < end; ++x, to += layout.step) {
      const int at = x - strip.first * factor;
      const float* pixel = row + std::ptrdiff_t{at / factor} * step + i * factor + at % factor;
      if (layout.colors == 1) {
        *to = ToSample<Sample>(LumaOf(pixel, plane));
      } else {
        for (int c = 0; c < kColors; ++c) to[c] = ToSample<Sample>(pixel[c * plane]);
      }
    }
  }
}

// Alpha is no picture that a network knows.
template <typename Sample>
void EnlargeAlpha(ImageView photo, int scale, MutableImageView result) {
  const int step = photo.channels();
  Image alpha(photo.width(), photo.height(), 1, photo.type());
  for (int y = 0; y < photo.height(); ++y) {
    const Sample* from = photo.Row<Sample>(y) + step - 1;
    Sample* to = alpha.Row<Sample>(y);
    for (int x = 0; x < photo.width(); ++x, from += step) to[x] = *from;
  }
  if (scale > 1) alpha = Resize(alpha.view(), result.width(), result.height());
  for (int y = 0; y < result.height(); ++y) {
    const Sample* from = alpha.Row<Sample>(y);
    Sample* to = result.Row<Sample>(y) + step - 1;
    for (int x = 0; x < result.width(); ++x, to += step) *to = from[x];
  }
}

template <typename Sample>
Result<Image> RunOn(const nn::ConvolutionNetwork& network, const Layout& layout, ImageView photo,
                    float amount, int threads, const std::stop_token& stop,
                    const PhotoNetwork::Progress& progress) {
  Image result(photo.width() * layout.scale, photo.height() * layout.scale, photo.channels(),
               photo.type());
  const auto view = result.mutable_view();
  GPEN_TRY(StreamPhoto(
      network, {.photo = photo, .unshuffle = layout.unshuffle, .amount = amount}, threads,
      [&](const PhotoStrip& strip, int y, const float* row, int step) {
        TakeRow<Sample>(layout, strip, y, row, step, view);
      },
      stop, progress));
  if (photo.channels() % 2 == 0) {
    EnlargeAlpha<Sample>(photo, layout.scale, result.mutable_view());
  }
  return result;
}

}  // namespace

Result<PhotoNetwork> PhotoNetwork::Load(const std::filesystem::path& models_folder,
                                        const nn::Manifest& manifest) {
  GPEN_ASSIGN_OR_RETURN(auto network, LoadForPhotos(models_folder, manifest));
  const auto shapes = network.OutputShapes(64, 64);
  const int unshuffle = RootOf((network.input_channels() - 1) / kColors);
  const int factor = shapes.size() == 1 ? RootOf(shapes[0].channels / kColors) : 0;
  const bool fits = unshuffle > 0 && factor % unshuffle == 0 && factor > 0 &&
                    network.input_channels() == kColors * unshuffle * unshuffle + 1 &&
                    shapes[0].channels == kColors * factor * factor && shapes[0].width == 64 &&
                    shapes[0].height == 64;
  if (!fits) {
    return Error(
        ErrorCode::kModelInvalid,
        fmt::format("{}: expected the colours of a square of pixels and an amount as input, "
                    "and one output of the same size: convert it again",
                    (models_folder / manifest.file).string()));
  }
  return PhotoNetwork(manifest, std::move(network), factor / unshuffle, unshuffle);
}

Result<Image> PhotoNetwork::Run(ImageView photo, double amount, int threads, std::stop_token stop,
                                const Progress& progress) const {
  const int channels = photo.channels();
  const Layout layout = {scale_, unshuffle_, channels <= 2 ? 1 : kColors, channels};
  const auto cleaning = static_cast<float>(std::clamp(amount, 0.0, 1.0));
  if (photo.type() == SampleType::kU8) {
    return RunOn<std::uint8_t>(network_, layout, photo, cleaning, threads, stop, progress);
  }
  return RunOn<std::uint16_t>(network_, layout, photo, cleaning, threads, stop, progress);
}

}  // namespace gpen::restore
