#include "face/evening.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "image/resample.h"

namespace gpen::face {
namespace {

// Measured on the group photos (noise below 0.008, faces' range 0.37 and more) and on their copies:
// at night 0.02, 0.1; with grain 0.02 to 0.06; faded 0.01 to 0.02, 0.3 to 0.5.
constexpr double kLeastRange = 0.5;
constexpr double kMostNoise = 0.008;
constexpr double kPaleRange = 0.35;
// Of a part of a photo, divided by its range: up to 0.0045 in the group photos; in their copies
// faded 0.0075 and more, at night 0.02 and more.
constexpr double kNoisy = 0.006;
constexpr int kStep = 3;        // Of the pixels of such a part that are looked at.
constexpr int kSteps = 4096;    // Of the curve of levels and gamma: pow() for each pixel is slow.
constexpr double kTail = 0.01;  // Of the pixels: so many may be darker or lighter than the levels.

template <typename Sample>
constexpr float kWhite = std::numeric_limits<Sample>::max();
template <>
constexpr float kWhite<float> = 1;

template <typename Sample>
float Luma(const Sample* pixel, int channels) {
  const auto first = static_cast<float>(pixel[0]);
  if (channels <= 2) return first;
  return 0.299F * first + 0.587F * static_cast<float>(pixel[1]) +
         0.114F * static_cast<float>(pixel[2]);
}

Image Gray(ImageView crop) {
  Image gray(crop.width(), crop.height(), 1, SampleType::kF32);
  const int channels = crop.channels();
  for (int y = 0; y < crop.height(); ++y) {
    const float* pixel = crop.Row<float>(y);
    float* row = gray.Row<float>(y);
    for (int x = 0; x < crop.width(); ++x, pixel += channels) {
      row[x] = Luma(pixel, channels);
    }
  }
  return gray;
}

// Which value so many parts of the pixels of every `step`th row and column stay below.
class Levels {
 public:
  template <typename Sample>
  static Levels Of(ImageView picture, int step) {
    Levels levels;
    const int channels = picture.channels();
    for (int y = 0; y < picture.height(); y += step) {
      const auto* pixel = picture.Row<Sample>(y);
      for (int x = 0; x < picture.width(); x += step, pixel += step * channels) {
        levels.Add(Luma(pixel, channels) / kWhite<Sample>);
      }
    }
    return levels;
  }

  double At(double part) const {
    int below = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      below += counts_[i];
      if (below > part * total_) return static_cast<double>(i) / kLast;
    }
    return 1;
  }
  double range() const { return At(1 - kTail) - At(kTail); }

 private:
  static constexpr int kLast = 1023;

  Levels() = default;
  void Add(float value) {
    ++counts_[static_cast<std::size_t>(std::clamp(value, 0.0F, 1.0F) * kLast)];
    ++total_;
  }

  std::array<int, kLast + 1> counts_ = {};
  int total_ = 0;
};

// Standard deviation of the noise in the pixels of every `step`th row and column, as a part of
// white: from the median of the Laplacian, since edges are few and noise is everywhere.
template <typename Sample>
double FineNoise(ImageView picture, int step) {
  const int channels = picture.channels();
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(picture.width() / step + 1) *
                 static_cast<std::size_t>(picture.height() / step + 1));
  for (int y = 1; y + 1 < picture.height(); y += step) {
    for (int x = 1; x + 1 < picture.width(); x += step) {
      float value = 0;
      for (int dy = -1; dy <= 1; ++dy) {
        const Sample* pixel = picture.Row<Sample>(y + dy) + (x - 1) * channels;
        const float weight = dy == 0 ? -2 : 1;
        value += weight * (Luma(pixel, channels) - 2 * Luma(pixel + channels, channels) +
                           Luma(pixel + 2 * channels, channels));
      }
      values.push_back(std::abs(value));
    }
  }
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle / 0.6745 / 6 / kWhite<Sample>;
}

template <typename Sample>
bool IsPaleOrNoisyOf(ImageView picture) {
  const double range = Levels::Of<Sample>(picture, kStep).range();
  return range < kPaleRange || FineNoise<Sample>(picture, kStep) > kNoisy * range;
}

}  // namespace

bool IsBad(ImageView crop) {
  const Image gray = Gray(crop);
  const double range = Levels::Of<float>(gray.view(), 1).range();
  return range < kLeastRange || FineNoise<float>(gray.view(), 1) > kMostNoise * range;
}

bool IsPaleOrNoisy(ImageView picture) {
  return picture.type() == SampleType::kU8 ? IsPaleOrNoisyOf<std::uint8_t>(picture)
                                           : IsPaleOrNoisyOf<std::uint16_t>(picture);
}

Image EvenOut(ImageView crop, double sigma) {
  Image gray = GaussianBlur(Gray(crop).view(), sigma);
  const auto levels = Levels::Of<float>(gray.view(), 1);
  const double low = levels.At(kTail);
  const double range = std::max(levels.At(1 - kTail) - low, 1.0 / 255);
  const double middle = std::clamp((levels.At(0.5) - low) / range, 0.02, 0.98);
  const double gamma = std::clamp(std::log(0.45) / std::log(middle), 0.4, 1.6);
  std::array<float, kSteps + 2> curve = {};
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const double value = (static_cast<double>(i) / kSteps - low) / range;
    curve[i] = static_cast<float>(std::pow(std::clamp(value, 0.0, 1.0), gamma));
  }
  for (int y = 0; y < gray.height(); ++y) {
    float* row = gray.Row<float>(y);
    for (int x = 0; x < gray.width(); ++x) {
      const float at = std::clamp(row[x], 0.0F, 1.0F) * kSteps;
      const auto below = static_cast<std::size_t>(at);
      row[x] = std::lerp(curve[below], curve[below + 1], at - static_cast<float>(below));
    }
  }
  return gray;
}

}  // namespace gpen::face
