#include "restore/photo_strips.h"

#include <fmt/format.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "nn/installed_model.h"

namespace gpen::restore {
namespace {

constexpr int kColors = 3;
// Wide enough that its overlap costs little, narrow enough that its rows stay in the cache.
constexpr int kStripPixels = 256;
constexpr int kStripMargins = 6;  // The least of it, in widths of its overlap to each side.
// Pixels that are mirrored beyond the photo, where the network reaches that far. Zeros lie beyond
// them, as beyond the patches of the training: more of them cost time and change nothing.
constexpr int kMostMirrored = 32;

// Row `y` of the network's input, `width` pixels from `first`; both may lie beyond the photo.
template <typename Sample>
void FillRow(const PhotoInput& input, int first, int width, int y, float* row) {
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  const ImageView& photo = input.photo;
  const int u = input.unshuffle;
  const int step = photo.channels();
  const bool is_gray = step <= 2;
  for (int x = first; x < first + width; ++x) {
    for (int i = 0; i < u * u; ++i) {
      const Sample* pixel = photo.Row<Sample>(Mirrored(y * u + i / u, photo.height())) +
                            std::ptrdiff_t{Mirrored(x * u + i % u, photo.width())} * step;
      for (int c = 0; c < kColors; ++c) {
        row[c * u * u + i] = static_cast<float>(pixel[is_gray ? 0 : c]) / kUnit;
      }
    }
    row += kColors * u * u;
    if (input.amount) *row++ = *input.amount;
  }
}

int RoundedUp(int length, int unit) { return (length + unit - 1) / unit * unit; }

// As many as are needed, at least one for each thread, all about as wide. Each begins at a multiple
// of `unit`.
std::vector<PhotoStrip> StripsOf(int width, int unit, int margin, int threads) {
  const int usual = std::max(kStripPixels, kStripMargins * margin);
  const int least = std::max(48, margin);  // Narrower ones are mostly overlap.
  const int wanted = std::max((width + usual - 1) / usual, threads);
  const int count = std::clamp(wanted, 1, std::max(1, width / least));
  std::vector<PhotoStrip> strips;
  const auto begin = [&](int i) {
    return std::min(width, RoundedUp(static_cast<int>(std::int64_t{width} * i / count), unit));
  };
  for (int i = 0; i < count; ++i) strips.push_back({begin(i), begin(i + 1) - begin(i)});
  return strips;
}

// The part that all threads together have done, told by the one that asked.
class SharedProgress {
 public:
  SharedProgress(const PhotoProgress& progress, std::int64_t rows)
      : progress_(progress), rows_(rows) {}

  void RowIsDone() {
    constexpr std::int64_t kEvery = 32;
    const std::int64_t done = ++done_;
    if (!progress_ || done % kEvery != 0 || std::this_thread::get_id() != caller_) return;
    progress_(std::min(1.0, static_cast<double>(done) / static_cast<double>(rows_)));
  }

 private:
  const PhotoProgress& progress_;
  std::int64_t rows_;
  std::atomic<std::int64_t> done_{0};
  std::thread::id caller_ = std::this_thread::get_id();
};

}  // namespace

Result<nn::ConvolutionNetwork> LoadForPhotos(const std::filesystem::path& models_folder,
                                             const nn::Manifest& manifest) {
  const auto path = models_folder / manifest.file;
  if (manifest.task != nn::Task::kPhoto) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected a network for photos, found one for {}", path.string(),
                             nn::NameOf(manifest.task)));
  }
  return nn::LoadInstalledConvolutions(manifest, path);
}

Result<void> StreamPhoto(const nn::ConvolutionNetwork& network, const PhotoInput& input,
                         int threads, const TakeStripRow& take_row, const std::stop_token& stop,
                         const PhotoProgress& progress) {
  const ImageView& photo = input.photo;
  const auto up = [&](int pixels) { return (pixels + input.unshuffle - 1) / input.unshuffle; };
  const int unit = network.Unit();
  const int margin = RoundedUp(network.Reach(), unit);
  const int mirrored = std::min(margin, RoundedUp(up(kMostMirrored), unit));
  const int height = up(photo.height());
  const int rows = RoundedUp(height, unit) + 2 * mirrored;
  const int end = RoundedUp(up(photo.width()), unit) + mirrored;
  const auto strips = StripsOf(up(photo.width()), unit, margin, threads);
  SharedProgress shared(progress, std::int64_t{rows} * static_cast<std::int64_t>(strips.size()));
  std::mutex mutex;  // Guards `failed`.
  std::optional<Error> failed;
  ParallelFor(static_cast<int>(strips.size()), threads, [&](int i) {
    const PhotoStrip& strip = strips[static_cast<std::size_t>(i)];
    const int first = std::max(strip.first - margin, -mirrored);
    const int width = std::min(strip.first + RoundedUp(strip.width, unit) + margin, end) - first;
    auto done = network.Stream(
        rows, width,
        [&](int y, float* row) {
          if (photo.type() == SampleType::kU8) {
            FillRow<std::uint8_t>(input, first, width, y - mirrored, row);
          } else {
            FillRow<std::uint16_t>(input, first, width, y - mirrored, row);
          }
          shared.RowIsDone();
        },
        [&](int y, const float* row, int step) {
          if (y < mirrored || y >= mirrored + height) return;
          take_row(strip, y - mirrored, row + std::ptrdiff_t{strip.first - first} * step, step);
        },
        stop);
    const std::scoped_lock lock(mutex);
    if (!done && !failed) failed = std::move(done).error();
  });
  if (failed) return *std::move(failed);
  return {};
}

}  // namespace gpen::restore
