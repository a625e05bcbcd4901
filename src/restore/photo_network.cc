#include "restore/photo_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "image/resample.h"
#include "nn/installed_model.h"

namespace gpen::restore {
namespace {

constexpr int kColors = 3;
// Wide enough that its overlap costs little, narrow enough that its rows stay in the cache.
constexpr int kStripPixels = 256;

// 0 where `square` is no square of a number up to 4.
int RootOf(int square) {
  for (const int root : {1, 2, 3, 4}) {
    if (root * root == square) return root;
  }
  return 0;
}

// Beyond its edge a photo is mirrored, its outermost pixel included.
int Mirrored(int at, int size) {
  const int period = 2 * size;
  const int within = ((at % period) + period) % period;
  return within < size ? within : period - 1 - within;
}

// From a photo's samples to those of one with the network's result, by its sample type.
struct Layout {
  int scale;
  int unshuffle;
  int colors;  // Of the photo: 1 or 3.
  int step;    // Of its pixels, alpha included.
};

// One strip of the photo: its columns, of which the network sees some more on both sides. In
// pixels of the network.
struct Strip {
  int first = 0;
  int width = 0;
};

template <typename Sample>
class StripWorker {
 public:
  StripWorker(const Layout& layout, ImageView photo, MutableImageView result, int margin,
              float amount)
      : layout_(layout), photo_(photo), result_(result), margin_(margin), amount_(amount) {}

  // Row `y` of the network's input for a strip, with margins.
  void FillRow(const Strip& strip, int y, float* row) const {
    const int u = layout_.unshuffle;
    for (int x = -margin_; x < strip.width + margin_; ++x, row += kColors * u * u + 1) {
      for (int i = 0; i < u * u; ++i) {
        const Sample* pixel =
            photo_.Row<Sample>(Mirrored((y - margin_) * u + i / u, photo_.height())) +
            std::ptrdiff_t{Mirrored((strip.first + x) * u + i % u, photo_.width())} * layout_.step;
        for (int c = 0; c < kColors; ++c) {
          row[c * u * u + i] = static_cast<float>(pixel[layout_.colors == 1 ? 0 : c]) / kUnit;
        }
      }
      row[kColors * u * u] = amount_;
    }
  }

  // Row `y` of its output, likewise; rows and columns of the margins are left out.
  void TakeRow(const Strip& strip, int y, const float* row, int step) const {
    const int factor = layout_.scale * layout_.unshuffle;
    row += std::ptrdiff_t{margin_} * step;
    for (int i = 0; i < factor; ++i) {
      const int to_y = (y - margin_) * factor + i;
      if (to_y < 0 || to_y >= result_.height()) continue;
      const int end = std::min((strip.first + strip.width) * factor, result_.width());
      Sample* to = result_.Row<Sample>(to_y) + std::ptrdiff_t{strip.first} * factor * layout_.step;
      for (int x = strip.first * factor; x < end; ++x, to += layout_.step) {
        const int at = x - strip.first * factor;
        const float* pixel = row + std::ptrdiff_t{at / factor} * step + i * factor + at % factor;
        Store(pixel, factor * factor, to);
      }
    }
  }

 private:
  static constexpr float kUnit = std::numeric_limits<Sample>::max();

  // A NaN compares false and becomes 0: it must not spread into the photo.
  static Sample Round(float value) {
    const float scaled = value * kUnit;
    return scaled > 0 ? static_cast<Sample>(std::min(scaled, kUnit) + 0.5F) : Sample{0};
  }

  void Store(const float* pixel, int plane, Sample* to) const {
    if (layout_.colors == 1) {
      *to = Round(0.299F * pixel[0] + 0.587F * pixel[plane] + 0.114F * pixel[2 * plane]);
    } else {
      for (int c = 0; c < kColors; ++c) to[c] = Round(pixel[c * plane]);
    }
  }

  Layout layout_;
  ImageView photo_;
  MutableImageView result_;
  int margin_;
  float amount_;
};

// As many as are needed, at least one for each thread, all about as wide.
std::vector<Strip> StripsOf(int width, int threads) {
  constexpr int kLeastPixels = 48;  // Narrower ones are mostly overlap.
  const int wanted = std::max((width + kStripPixels - 1) / kStripPixels, threads);
  const int count = std::clamp(wanted, 1, std::max(1, width / kLeastPixels));
  std::vector<Strip> strips;
  for (int i = 0; i < count; ++i) {
    const int first = static_cast<int>(std::int64_t{width} * i / count);
    const int end = static_cast<int>(std::int64_t{width} * (i + 1) / count);
    strips.push_back({first, end - first});
  }
  return strips;
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

// The part that all threads together have done, told by the one that asked.
class SharedProgress {
 public:
  SharedProgress(const PhotoNetwork::Progress& progress, std::int64_t rows)
      : progress_(progress), rows_(rows) {}

  void RowIsDone() {
    constexpr std::int64_t kEvery = 32;
    const std::int64_t done = ++done_;
    if (!progress_ || done % kEvery != 0 || std::this_thread::get_id() != caller_) return;
    progress_(std::min(1.0, static_cast<double>(done) / static_cast<double>(rows_)));
  }

 private:
  const PhotoNetwork::Progress& progress_;
  std::int64_t rows_;
  std::atomic<std::int64_t> done_{0};
  std::thread::id caller_ = std::this_thread::get_id();
};

template <typename Sample>
Result<Image> RunOn(const nn::ConvolutionNetwork& network, const Layout& layout, ImageView photo,
                    float amount, int threads, const std::stop_token& stop,
                    const PhotoNetwork::Progress& progress) {
  Image result(photo.width() * layout.scale, photo.height() * layout.scale, photo.channels(),
               photo.type());
  const auto up = [&](int pixels) { return (pixels + layout.unshuffle - 1) / layout.unshuffle; };
  const int margin = network.Reach();
  const int rows = up(photo.height()) + 2 * margin;
  const auto strips = StripsOf(up(photo.width()), threads);
  const StripWorker<Sample> worker(layout, photo, result.mutable_view(), margin, amount);
  SharedProgress shared(progress, std::int64_t{rows} * static_cast<std::int64_t>(strips.size()));
  std::mutex mutex;  // Guards `failed`.
  std::optional<Error> failed;
  ParallelFor(static_cast<int>(strips.size()), threads, [&](int i) {
    const Strip& strip = strips[static_cast<std::size_t>(i)];
    auto done = network.Stream(
        rows, strip.width + 2 * margin,
        [&](int y, float* row) {
          worker.FillRow(strip, y, row);
          shared.RowIsDone();
        },
        [&](int y, const float* row, int step) { worker.TakeRow(strip, y, row, step); }, stop);
    const std::scoped_lock lock(mutex);
    if (!done && !failed) failed = std::move(done).error();
  });
  if (failed) return *std::move(failed);
  if (photo.channels() % 2 == 0) {
    EnlargeAlpha<Sample>(photo, layout.scale, result.mutable_view());
  }
  return result;
}

}  // namespace

Result<PhotoNetwork> PhotoNetwork::Load(const std::filesystem::path& models_folder,
                                        const nn::Manifest& manifest) {
  const auto path = models_folder / manifest.file;
  if (manifest.task != nn::Task::kPhoto) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected a network for photos, found one for {}", path.string(),
                             nn::NameOf(manifest.task)));
  }
  GPEN_ASSIGN_OR_RETURN(auto network, nn::LoadInstalledConvolutions(manifest, path));
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
                    path.string()));
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
