#include "image/warp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/axis_weights.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/warp.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef GPEN_IMAGE_WARP_ONCE
#define GPEN_IMAGE_WARP_ONCE
namespace gpen {
namespace {

/// Where the pixels of a row of the result lie in the source, along one axis.
struct Places {
  explicit Places(std::size_t width) : before(width), fraction(width) {}

  std::vector<std::int32_t> before;  // The sample at or before the place.
  std::vector<float> fraction;       // The rest of the way to the next, 0..1.
};

/// The source, and how its pixels are read.
struct Reading {
  ImageView source;
  Outside outside;
};

template <int kTaps>
std::array<float, kTaps> WeightsAt(float fraction) {
  if constexpr (kTaps == 2) {
    return {1 - fraction, fraction};
  } else {
    return CubicWeights(fraction);
  }
}

/// One pixel, wherever it lies.
template <int kTaps>
void ReadPixel(const Reading& reading, int left, int top, float across, float down, float* to) {
  const ImageView& source = reading.source;
  const int channels = source.channels();
  const auto columns = WeightsAt<kTaps>(across);
  const auto rows = WeightsAt<kTaps>(down);
  std::fill_n(to, channels, 0.0F);
  for (int j = 0; j < kTaps; ++j) {
    const int y = std::clamp(top + j, 0, source.height() - 1);
    if (y != top + j && reading.outside == Outside::kZero) continue;
    const float* row = source.Row<float>(y);
    for (int i = 0; i < kTaps; ++i) {
      const int x = std::clamp(left + i, 0, source.width() - 1);
      if (x != left + i && reading.outside == Outside::kZero) continue;
      const float weight = rows[static_cast<std::size_t>(j)] * columns[static_cast<std::size_t>(i)];
      const float* pixel = row + static_cast<std::ptrdiff_t>(x) * channels;
      for (int c = 0; c < channels; ++c) to[c] += weight * pixel[c];
    }
  }
}

}  // namespace
}  // namespace gpen
#endif

HWY_BEFORE_NAMESPACE();
namespace gpen::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// start + i * step for every i, no further outside of 0..size than changes nothing.
void FindPlaces(double start, double step, int size, std::size_t count, std::int32_t* before,
                float* fraction) {
  const auto find = [=](auto d, std::size_t i) HWY_ATTR {
    const hn::Rebind<float, decltype(d)> floats;
    const hn::Rebind<std::int32_t, decltype(d)> integers;
    constexpr double kFar = 8;  // More than there are taps.
    const auto at =
        hn::MulAdd(hn::Iota(d, static_cast<double>(i)), hn::Set(d, step), hn::Set(d, start));
    const auto place = hn::Min(hn::Max(at, hn::Set(d, -kFar)), hn::Set(d, size + kFar));
    const auto floor = hn::Floor(place);
    hn::StoreU(hn::DemoteTo(integers, floor), integers, before + i);
    hn::StoreU(hn::DemoteTo(floats, hn::Sub(place, floor)), floats, fraction + i);
  };
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> one;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) find(d, i);
  for (; i < count; ++i) find(one, i);
}

// The weights of four taps around a place `fraction` after the second, in one vector. Of a line's
// two taps the first two lanes.
template <int kTaps, class D>
HWY_INLINE hn::Vec<D> Weights(D d, float fraction) {
  const auto at = hn::Set(d, fraction);
  if constexpr (kTaps == 2) {
    HWY_ALIGN static constexpr float kConstant[4] = {1, 0, 0, 0};
    HWY_ALIGN static constexpr float kSlope[4] = {-1, 1, 0, 0};
    return hn::MulAdd(hn::Load(d, kSlope), at, hn::Load(d, kConstant));
  } else {
    // CubicWeights() by powers of the fraction.
    constexpr float kA = kCubicParameter;
    HWY_ALIGN static constexpr float kConstant[4] = {0, 1, 0, 0};
    HWY_ALIGN static constexpr float kFirst[4] = {kA, 0, -kA, 0};
    HWY_ALIGN static constexpr float kSecond[4] = {-2 * kA, -(kA + 3), 2 * kA + 3, kA};
    HWY_ALIGN static constexpr float kThird[4] = {kA, kA + 2, -(kA + 2), -kA};
    auto weights = hn::MulAdd(hn::Load(d, kThird), at, hn::Load(d, kSecond));
    weights = hn::MulAdd(weights, at, hn::Load(d, kFirst));
    return hn::MulAdd(weights, at, hn::Load(d, kConstant));
  }
}

template <int kTaps, int kChannels, class D>
HWY_INLINE hn::Vec<D> SumOfRow(D d, const float* row, hn::Vec<D> columns) {
  auto sum = hn::Mul(hn::Broadcast<0>(columns), hn::LoadU(d, row));
  sum = hn::MulAdd(hn::Broadcast<1>(columns), hn::LoadU(d, row + kChannels), sum);
  if constexpr (kTaps == 4) {
    sum = hn::MulAdd(hn::Broadcast<2>(columns), hn::LoadU(d, row + 2 * kChannels), sum);
    sum = hn::MulAdd(hn::Broadcast<3>(columns), hn::LoadU(d, row + 3 * kChannels), sum);
  }
  return sum;
}

// One pixel all of whose taps lie inside, as do the four floats that are read of each.
template <int kTaps, int kChannels>
HWY_INLINE void ReadInside(const float* first, std::ptrdiff_t stride, float across, float down,
                           float* to) {
  const hn::FixedTag<float, 4> d;
  const auto columns = Weights<kTaps>(d, across);
  const auto rows = Weights<kTaps>(d, down);
  const auto row = [&](int j) HWY_ATTR {
    return SumOfRow<kTaps, kChannels>(d, first + j * stride, columns);
  };
  auto sum = hn::Mul(hn::Broadcast<0>(rows), row(0));
  sum = hn::MulAdd(hn::Broadcast<1>(rows), row(1), sum);
  if constexpr (kTaps == 4) {
    sum = hn::MulAdd(hn::Broadcast<2>(rows), row(2), sum);
    sum = hn::MulAdd(hn::Broadcast<3>(rows), row(3), sum);
  }
  HWY_ALIGN float values[4];
  hn::Store(sum, d, values);
  for (int c = 0; c < kChannels; ++c) to[c] = values[c];
}

template <int kTaps, int kChannels>
void ReadRow(const Reading& reading, const Places& columns, const Places& rows, float* to) {
  const ImageView& source = reading.source;
  const int channels = source.channels();
  const auto stride = static_cast<std::ptrdiff_t>(source.stride_bytes() / sizeof(float));
  // Pixels after the last tap's that its vector of four floats reads too.
  constexpr int kFurther = kChannels == 0 ? 0 : 3 / kChannels;
  const int last_left = source.width() - kTaps - kFurther;
  const int last_top = source.height() - kTaps;
  for (std::size_t x = 0; x < columns.before.size(); ++x, to += channels) {
    const int left = columns.before[x] - kTaps / 2 + 1;
    const int top = rows.before[x] - kTaps / 2 + 1;
    if constexpr (kChannels > 0) {
      if (left >= 0 && left <= last_left && top >= 0 && top <= last_top) {
        const float* first = source.Row<float>(top) + static_cast<std::ptrdiff_t>(left) * kChannels;
        ReadInside<kTaps, kChannels>(first, stride, columns.fraction[x], rows.fraction[x], to);
        continue;
      }
    }
    const bool is_outside =
        left <= -kTaps || left >= source.width() || top <= -kTaps || top >= source.height();
    if (is_outside && reading.outside == Outside::kZero) {
      std::fill_n(to, channels, 0.0F);
      continue;
    }
    ReadPixel<kTaps>(reading, left, top, columns.fraction[x], rows.fraction[x], to);
  }
}

template <int kTaps>
void ReadRowOf(const Reading& reading, const Places& columns, const Places& rows, float* to) {
  switch (reading.source.channels()) {
    case 1:
      return ReadRow<kTaps, 1>(reading, columns, rows, to);
    case 2:
      return ReadRow<kTaps, 2>(reading, columns, rows, to);
    case 3:
      return ReadRow<kTaps, 3>(reading, columns, rows, to);
    case 4:
      return ReadRow<kTaps, 4>(reading, columns, rows, to);
    default:
      return ReadRow<kTaps, 0>(reading, columns, rows, to);
  }
}

void WarpInto(const Reading& reading, const Affine& map, Interpolation interpolation,
              Image* target) {
  const auto width = static_cast<std::size_t>(target->width());
  Places columns(width);
  Places rows(width);
  for (int y = 0; y < target->height(); ++y) {
    const Point start = map({0, 1.0 * y});
    FindPlaces(start.x, map.xx, reading.source.width(), width, columns.before.data(),
               columns.fraction.data());
    FindPlaces(start.y, map.yx, reading.source.height(), width, rows.before.data(),
               rows.fraction.data());
    float* to = target->Row<float>(y);
    if (interpolation == Interpolation::kCubic) {
      ReadRowOf<4>(reading, columns, rows, to);
    } else {
      ReadRowOf<2>(reading, columns, rows, to);
    }
  }
}

}  // namespace gpen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gpen {

HWY_EXPORT(WarpInto);

Image Warp(ImageView source, const Affine& source_from_target, int width, int height,
           Interpolation interpolation, Outside outside) {
  Image target(width, height, source.channels(), SampleType::kF32);
  HWY_DYNAMIC_DISPATCH(WarpInto)
  (Reading{source, outside}, source_from_target, interpolation, &target);
  return target;
}

}  // namespace gpen
#endif
