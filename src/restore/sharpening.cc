#include "restore/sharpening.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "image/resample.h"

namespace gpen::restore {
namespace {

constexpr double kWidestBlur = 2.5;  // WIDEST_SOFT of training/gpen_training/photo_degradation.py.
// Pixels that an enlargement blurs by: taking them away too makes edges crisp at no cost in error
// (two photos blurred by 4 pixels; 1.5 pixels, as measured then, cost a twentieth more).
constexpr double kBlurOfEnlarging = 0.9;
constexpr double kCostOfHalf = 0.2;  // Of the work, until the photo's own size comes.
constexpr int kLeastSide = 64;       // Of what is reduced.

// The middle of a sample's range, which stands for no change.
template <typename Sample>
constexpr int kNoChange = std::numeric_limits<Sample>::max() / 2 + 1;

// `values` become what `combine` makes of them and of `other`, as far as it fits.
template <typename Sample, typename Combine>
void Combined(ImageView other, const Combine& combine, MutableImageView values) {
  const int count = values.width() * values.channels();
  for (int y = 0; y < values.height(); ++y) {
    const Sample* from = other.Row<Sample>(y);
    Sample* to = values.Row<Sample>(y);
    for (int i = 0; i < count; ++i) {
      to[i] = static_cast<Sample>(std::clamp<int>(combine(int{to[i]}, int{from[i]}), 0,
                                                  std::numeric_limits<Sample>::max()));
    }
  }
}

// What became of `before` in `after`, enlarged and done to `photo`.
template <typename Sample>
Image WithChange(ImageView photo, ImageView before, Image after) {
  Combined<Sample>(
      before, [](int now, int then) { return now - then + kNoChange<Sample>; },
      after.mutable_view());
  Image changed = Resize(after.view(), photo.width(), photo.height());
  Combined<Sample>(
      photo, [](int change, int value) { return value + change - kNoChange<Sample>; },
      changed.mutable_view());
  return changed;
}

}  // namespace

Result<Image> SharpenPhoto(const PhotoNetwork& network, ImageView photo, double blur, int threads,
                           std::stop_token stop, const PhotoNetwork::Progress& progress) {
  if (blur <= kWidestBlur || std::min(photo.width(), photo.height()) < kLeastSide) {
    return network.Run(photo, blur / kWidestBlur, threads, std::move(stop), progress);
  }
  const Image small = Resize(photo, (photo.width() + 1) / 2, (photo.height() + 1) / 2);
  const auto show = [&](double from, double to, double done) {
    if (progress) progress(std::lerp(from, to, done));
  };
  GPEN_ASSIGN_OR_RETURN(auto sharp, SharpenPhoto(network, small.view(), blur / 2, threads, stop,
                                                 [&](double done) { show(0, kCostOfHalf, done); }));
  const Image changed = photo.type() == SampleType::kU8
                            ? WithChange<std::uint8_t>(photo, small.view(), std::move(sharp))
                            : WithChange<std::uint16_t>(photo, small.view(), std::move(sharp));
  return network.Run(changed.view(), kBlurOfEnlarging / kWidestBlur, threads, std::move(stop),
                     [&](double done) { show(kCostOfHalf, 1, done); });
}

}  // namespace gpen::restore
