#include "image/column_sums.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/column_sums.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "image/samples-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gpen::HWY_NAMESPACE {

// Each vector is a pixel of 3 or 4 channels. Of 3, the fourth sum is what the next pixel
// overwrites.
void SumPixels(const float* from, const std::int32_t* first, const float* weights, std::size_t taps,
               std::size_t channels, std::size_t pixels, float* to) {
  const hn::FixedTag<float, 4> d;
  for (std::size_t x = 0; x < pixels; ++x, weights += taps, to += channels) {
    const float* pixel = from + first[x];
    auto sum = hn::Mul(hn::Set(d, weights[0]), hn::LoadU(d, pixel));
    for (std::size_t k = 1; k < taps; ++k) {
      sum = hn::MulAdd(hn::Set(d, weights[k]), hn::LoadU(d, pixel + k * channels), sum);
    }
    hn::StoreU(sum, d, to);
  }
}

void SumSamples(const float* from, const std::int32_t* first, const float* weights,
                std::size_t taps, std::size_t channels, std::size_t samples, float* to) {
  ForEachVector(0, samples, [=](auto d, std::size_t at) HWY_ATTR {
    const hn::RebindToSigned<decltype(d)> places;
    const auto place = hn::LoadU(places, first + at);
    auto sum = hn::Zero(d);
    for (std::size_t k = 0; k < taps; ++k) {
      const auto weight = hn::LoadU(d, weights + k * samples + at);
      sum = hn::MulAdd(weight, hn::GatherIndex(d, from + k * channels, place), sum);
    }
    hn::StoreU(sum, d, to + at);
  });
}

}  // namespace gpen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gpen {
namespace {

HWY_EXPORT(SumPixels);
HWY_EXPORT(SumSamples);

constexpr std::size_t kFloatsOfPixel = 4;  // Of the vector that holds one.

bool HoldsPixels(int channels) { return channels == 3 || channels == 4; }

std::size_t Samples(int pixels, int channels) {
  return static_cast<std::size_t>(pixels) * static_cast<std::size_t>(channels);
}

}  // namespace

ColumnSums::ColumnSums(const AxisWeights& columns, int width, int channels)
    : channels_(channels),
      source_samples_(Samples(width, channels)),
      target_samples_(Samples(columns.size(), channels)),
      taps_(static_cast<std::size_t>(columns.most_taps())) {
  const int samples = HoldsPixels(channels) ? 1 : channels;  // For each target pixel.
  const std::size_t targets = Samples(columns.size(), samples);
  weights_.resize(taps_ * targets);
  for (int x = 0; x < columns.size(); ++x) {
    const AxisWeights::Taps taps = columns[x];
    for (int c = 0; c < samples; ++c) {
      const std::size_t target = first_.size();
      first_.push_back(taps.first * channels + c);
      for (std::size_t k = 0; k < static_cast<std::size_t>(taps.count); ++k) {
        weights_[HoldsPixels(channels) ? target * taps_ + k : k * targets + target] =
            taps.weights[k];
      }
    }
  }
}

std::size_t ColumnSums::SourceFloats() const {
  return source_samples_ + Samples(static_cast<int>(taps_), channels_) + kFloatsOfPixel;
}

std::size_t ColumnSums::TargetFloats() const { return target_samples_ + kFloatsOfPixel; }

void ColumnSums::Sum(const float* from, float* to) const {
  const auto channels = static_cast<std::size_t>(channels_);
  if (HoldsPixels(channels_)) {
    HWY_DYNAMIC_DISPATCH(SumPixels)
    (from, first_.data(), weights_.data(), taps_, channels, first_.size(), to);
  } else {
    HWY_DYNAMIC_DISPATCH(SumSamples)
    (from, first_.data(), weights_.data(), taps_, channels, first_.size(), to);
  }
}

}  // namespace gpen
#endif
