// A photo passed through a plain convolutional network in upright strips, row by row: what the
// networks for whole photos share. Not here: what becomes of their output.
//
// The network sees the photo's own values, 0 to 1, of unshuffle x unshuffle pixels as the channels
// of one, the same colour's together. A strip sees its neighbours' pixels as far as the network
// reaches, so that there are no seams, and a few mirrored ones beyond the photo.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>

#include "base/result.h"
#include "image/image.h"
#include "nn/convolution_network.h"
#include "nn/manifest.h"

namespace gpen::restore {

/// Some columns of a photo, in pixels of the network.
struct PhotoStrip {
  int first = 0;
  int width = 0;
};

struct PhotoInput {
  ImageView photo;  ///< kU8 or kU16, 1 to 4 channels; an even number of them has alpha.
  int unshuffle = 1;
  std::optional<float> amount = {};  ///< One channel more, the same everywhere.
};

/// Row `y` of a strip's output, in pixels of the network: only what lies in the strip; each pixel
/// `step` floats after the one before it. Strips come in several threads at once.
using TakeStripRow =
    std::function<void(const PhotoStrip& strip, int y, const float* row, int step)>;

/// Called now and then, in the thread that asked, with the part that is done, 0..1.
using PhotoProgress = std::function<void(double done)>;

/// Loads the ONNX file in `models_folder` that `manifest` names. Errors: kModelMissing,
/// kModelInvalid (of another kind, too).
Result<nn::ConvolutionNetwork> LoadForPhotos(const std::filesystem::path& models_folder,
                                             const nn::Manifest& manifest);

/// Errors: kCancelled. Lack of memory is std::bad_alloc.
Result<void> StreamPhoto(const nn::ConvolutionNetwork& network, const PhotoInput& input,
                         int threads, const TakeStripRow& take_row, const std::stop_token& stop,
                         const PhotoProgress& progress);

/// Where a photo of `size` pixels is looked at beyond its edge: it is mirrored there, its outermost
/// pixel included.
inline int Mirrored(int at, int size) {
  const int period = 2 * size;
  const int within = ((at % period) + period) % period;
  return within < size ? within : period - 1 - within;
}

/// `value`, 0 to 1, as a sample. A NaN compares false and becomes 0: it must not spread.
template <typename Sample>
Sample ToSample(float value) {
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  const float scaled = value * kUnit;
  return scaled > 0 ? static_cast<Sample>(std::min(scaled, kUnit) + 0.5F) : Sample{0};
}

/// Of a pixel whose colours lie `plane` floats apart.
inline float LumaOf(const float* pixel, int plane) {
  return 0.299F * pixel[0] + 0.587F * pixel[plane] + 0.114F * pixel[2 * plane];
}

}  // namespace gpen::restore
