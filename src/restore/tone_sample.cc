#include "restore/tone_sample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "image/resample.h"
#include "restore/yuv.h"

namespace gpen::restore {
namespace {

constexpr double kMostPixels = 400'000;
constexpr double kFewPixels = 0.005;  // Left out at either end.

Image Reduced(ImageView photo) {
  const double pixels = 1.0 * photo.width() * photo.height();
  if (pixels <= kMostPixels) return CopyOf(photo);
  const double factor = std::sqrt(kMostPixels / pixels);
  const auto side = [factor](int of) { return std::max(1, static_cast<int>(of * factor)); };
  return Resize(photo, side(photo.width()), side(photo.height()));
}

// A line of the picture: its mean, and how far its pixels are from it.
struct Line {
  double luma = 0;
  double spread = 0;
};

class Frame {
 public:
  explicit Frame(const Image& tones) : tones_(tones) {}

  // The picture without a lid's or a mount's even edge, which shows on two sides at least.
  Rect Inside() const {
    const int left = Depth(tones_.width(), [this](int i) { return Column(i); });
    const int right =
        Depth(tones_.width(), [this](int i) { return Column(tones_.width() - 1 - i); });
    const int top = Depth(tones_.height(), [this](int i) { return Row(i); });
    const int bottom =
        Depth(tones_.height(), [this](int i) { return Row(tones_.height() - 1 - i); });
    const int sides = (left > 0) + (right > 0) + (top > 0) + (bottom > 0);
    if (sides < 2) return {0, 0, tones_.width(), tones_.height()};
    // A print lies a little askew.
    const int across = tones_.width() / 40;
    const int down = tones_.height() / 40;
    return {left + across, top + down, tones_.width() - left - right - 2 * across,
            tones_.height() - top - bottom - 2 * down};
  }

 private:
  // How many lines from the edge on are of one tone, that of white or black paper.
  template <typename LineAt>
  static int Depth(int lines, const LineAt& line_at) {
    constexpr double kMostSpread = 0.02;
    constexpr double kSameTone = 0.05;
    const Line outermost = line_at(0);
    if (outermost.luma > 0.1 && outermost.luma < 0.85) return 0;
    int depth = 0;
    while (depth < lines / 4) {
      const Line line = line_at(depth);
      if (line.spread > kMostSpread || std::abs(line.luma - outermost.luma) > kSameTone) break;
      ++depth;
    }
    return depth * 100 >= lines ? depth : 0;
  }

  template <typename PixelAt>
  static Line Measure(int pixels, const PixelAt& pixel_at) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < pixels; ++i) {
      const double luma = Luma(pixel_at(i));
      sum += luma;
      squares += luma * luma;
    }
    const double mean = sum / pixels;
    return {mean, std::sqrt(std::max(0.0, squares / pixels - mean * mean))};
  }

  Line Row(int y) const {
    return Measure(tones_.width(), [&](int x) { return tones_.Row<float>(y) + 3 * x; });
  }
  Line Column(int x) const {
    return Measure(tones_.height(), [&](int y) { return tones_.Row<float>(y) + 3 * x; });
  }

  const Image& tones_;
};

template <typename Sample>
Image ToTones(const Image& picture, const ChannelScale& scale) {
  Image tones(picture.width(), picture.height(), 3, SampleType::kF32);
  const int channels = picture.channels();
  for (int y = 0; y < picture.height(); ++y) {
    const auto* from = picture.Row<Sample>(y);
    auto* to = tones.Row<float>(y);
    for (int x = 0; x < picture.width(); ++x, from += channels) {
      for (int c = 0; c < 3; ++c) {
        const int channel = scale.channels() == 1 ? 0 : c;
        *to++ = scale.Up(channel, from[channel]);
      }
    }
  }
  return tones;
}

template <typename Sample>
Image Opaque(const Image& picture, const Image& tones, const Rect& inside) {
  const bool has_alpha = picture.channels() % 2 == 0;
  std::vector<float> kept;
  kept.reserve(static_cast<std::size_t>(inside.width) * static_cast<std::size_t>(inside.height) *
               3);
  for (int y = inside.top; y < inside.bottom(); ++y) {
    const auto* sample = picture.Row<Sample>(y) + picture.channels() * inside.left;
    const auto* tone = tones.Row<float>(y) + 3 * inside.left;
    for (int x = 0; x < inside.width; ++x, sample += picture.channels(), tone += 3) {
      if (has_alpha && 2 * sample[picture.channels() - 1] < std::numeric_limits<Sample>::max()) {
        continue;
      }
      kept.insert(kept.end(), tone, tone + 3);
    }
  }
  if (kept.empty()) return {};
  Image row(static_cast<int>(kept.size() / 3), 1, 3, SampleType::kF32);
  std::ranges::copy(kept, row.Row<float>(0));
  return row;
}

template <typename Sample>
Image Sampled(const Image& picture, const ChannelScale& scale) {
  const Image tones = ToTones<Sample>(picture, scale);
  return Opaque<Sample>(picture, tones, Frame(tones).Inside());
}

// Counts of values from -1 to 1.
class Histogram {
 public:
  void Add(double value) {
    const double bin = (std::clamp(value, -1.0, 1.0) + 1) / 2 * (kBins - 1);
    ++counts_[static_cast<std::size_t>(bin + 0.5)];
    ++total_;
  }
  // The value below which `part` of all lie.
  double Quantile(double part) const {
    auto left = static_cast<std::int64_t>(part * static_cast<double>(total_));
    std::size_t bin = 0;
    while (bin + 1 < kBins && left >= counts_[bin]) left -= counts_[bin++];
    return 2.0 * static_cast<double>(bin) / (kBins - 1) - 1;
  }
  std::int64_t total() const { return total_; }

 private:
  static constexpr std::size_t kBins = 2049;
  std::array<std::int64_t, kBins> counts_ = {};
  std::int64_t total_ = 0;
};

// How far all but a tenth of the values lie on one side of 0; 0 where they lie on both.
double OneSided(const Histogram& values) {
  constexpr double kTenth = 0.1;
  return std::max(0.0, values.Quantile(kTenth)) + std::min(0.0, values.Quantile(1 - kTenth));
}

// The part that both have, where they point the same way.
double Common(double a, double b) {
  if (a * b <= 0) return 0;
  return std::abs(a) < std::abs(b) ? a : b;
}

}  // namespace

Image SampleTones(ImageView photo, const ChannelScale& scale) {
  const Image picture = Reduced(photo);
  return picture.type() == SampleType::kU8 ? Sampled<std::uint8_t>(picture, scale)
                                           : Sampled<std::uint16_t>(picture, scale);
}

TonalRange FindRange(const Image& sample) {
  std::array<Histogram, 4> histograms;  // The channels, and luma.
  const auto* pixel = sample.Row<float>(0);
  for (int x = 0; x < sample.width(); ++x, pixel += 3) {
    for (std::size_t c = 0; c < 3; ++c) histograms[c].Add(pixel[c]);
    histograms[3].Add(Luma(pixel));
  }
  TonalRange range;
  for (std::size_t c = 0; c < 3; ++c) {
    range.black[c] = histograms[c].Quantile(kFewPixels);
    range.white[c] = histograms[c].Quantile(1 - kFewPixels);
  }
  range.black_luma = histograms[3].Quantile(kFewPixels);
  range.white_luma = histograms[3].Quantile(1 - kFewPixels);
  return range;
}

Rgb FindCast(const Image& sample) {
  constexpr std::array kBands = {0.15, 0.4, 0.65, 0.95};  // Of luma.
  constexpr double kEnough = 0.03;
  struct Band {
    Histogram red;  // Less green, as part of luma.
    Histogram blue;
  };
  std::array<Band, kBands.size() - 1> bands;
  const auto* pixel = sample.Row<float>(0);
  for (int x = 0; x < sample.width(); ++x, pixel += 3) {
    const double luma = Luma(pixel);
    const auto above = std::ranges::upper_bound(kBands, luma);
    if (above == kBands.begin() || above == kBands.end()) continue;
    auto& band = bands[static_cast<std::size_t>(above - kBands.begin() - 1)];
    band.red.Add((pixel[0] - pixel[1]) / luma);
    band.blue.Add((pixel[2] - pixel[1]) / luma);
  }
  int count = 0;
  double red = 0;
  double blue = 0;
  for (const auto& band : bands) {
    if (static_cast<double>(band.red.total()) < kEnough * sample.width()) continue;
    const double band_red = OneSided(band.red);
    const double band_blue = OneSided(band.blue);
    red = count == 0 ? band_red : Common(red, band_red);
    blue = count == 0 ? band_blue : Common(blue, band_blue);
    ++count;
  }
  if (count < 2) return {1, 1, 1};
  const double green = 1 - 0.299 * red - 0.114 * blue;  // So that luma is 1.
  return {green + red, green, green + blue};
}

double LumaQuantile(const Image& sample, double part) {
  std::vector<float> lumas;
  lumas.reserve(static_cast<std::size_t>(sample.width()));
  const auto* pixel = sample.Row<float>(0);
  for (int x = 0; x < sample.width(); ++x, pixel += 3) lumas.push_back(ToYuv(pixel).y);
  const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(lumas.size() - 1));
  std::ranges::nth_element(lumas, lumas.begin() + at);
  return lumas[static_cast<std::size_t>(at)];
}

}  // namespace gpen::restore
