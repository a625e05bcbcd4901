#include "image/resample.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "image/axis_weights.h"
#include "image/row_sums.h"
#include "image/warp.h"
#include "image/weighted_sums.h"

namespace gpen {
namespace {

// The pixels of `source` that a crop needs, two more on every side for interpolation, clipped.
Rect Footprint(ImageView source, const Affine& source_from_crop, int width, int height) {
  double left = 1e30;
  double top = 1e30;
  double right = -1e30;
  double bottom = -1e30;
  const double w = width - 0.5;
  const double h = height - 0.5;
  for (const Point corner : {Point{-0.5, -0.5}, Point{w, -0.5}, Point{-0.5, h}, Point{w, h}}) {
    const Point p = source_from_crop(corner);
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }
  const auto start = [](double value, int size) {
    return static_cast<int>(std::clamp(std::floor(value) - 2, 0.0, static_cast<double>(size - 1)));
  };
  const auto end = [](double value, int size) {
    return static_cast<int>(std::clamp(std::ceil(value) + 3, 1.0, static_cast<double>(size)));
  };
  const int l = start(left, source.width());
  const int t = start(top, source.height());
  return {l, t, std::max(1, end(right, source.width()) - l),
          std::max(1, end(bottom, source.height()) - t)};
}

AxisWeights ResizeWeights(int source, int target) {
  return target <= source ? AxisWeights::Mean(source, target) : AxisWeights::Cubic(source, target);
}

template <typename From, typename To>
void ConvertRows(ImageView source, float factor, Image* target) {
  const auto samples =
      static_cast<std::size_t>(source.width()) * static_cast<std::size_t>(source.channels());
  for (int y = 0; y < source.height(); ++y) {
    ConvertRow(source.Row<From>(y), factor, samples, target->Row<To>(y));
  }
}

}  // namespace

Image Resize(ImageView source, int width, int height) {
  return WeightedSums(source, ResizeWeights(source.width(), width),
                      ResizeWeights(source.height(), height));
}

Image Rotate(ImageView source, int quarter_turns) {
  if (quarter_turns == 0) return CopyOf(source);
  const bool upright = quarter_turns == 2;
  Image target(upright ? source.width() : source.height(),
               upright ? source.height() : source.width(), source.channels(), source.type());
  const std::size_t pixel =
      static_cast<std::size_t>(source.channels()) * BytesPerSample(source.type());
  const Affine map = RotateMap(source.width(), source.height(), quarter_turns);
  const auto stride = static_cast<std::ptrdiff_t>(source.stride_bytes());
  const auto step = static_cast<std::ptrdiff_t>(map.xx) * static_cast<std::ptrdiff_t>(pixel) +
                    static_cast<std::ptrdiff_t>(map.yx) * stride;
  std::byte* to = target.mutable_view().data();
  for (int y = 0; y < target.height(); ++y) {
    const Point start = map({0, 1.0 * y});
    const std::byte* from = source.data() + static_cast<std::ptrdiff_t>(start.y) * stride +
                            static_cast<std::ptrdiff_t>(start.x * static_cast<double>(pixel));
    for (int x = 0; x < target.width(); ++x) to = std::copy_n(from + x * step, pixel, to);
  }
  return target;
}

Affine RotateMap(int width, int height, int quarter_turns) {
  switch (quarter_turns) {
    case 1:
      return {0, 1, 0, -1, 0, height - 1.0};
    case 2:
      return {-1, 0, width - 1.0, 0, -1, height - 1.0};
    case 3:
      return {0, -1, width - 1.0, 1, 0, 0};
    default:
      return {};
  }
}

Image ToFloat(ImageView source) {
  Image target(source.width(), source.height(), source.channels(), SampleType::kF32);
  switch (source.type()) {
    case SampleType::kU8:
      ConvertRows<std::uint8_t, float>(source, 1.0F / 255, &target);
      break;
    case SampleType::kU16:
      ConvertRows<std::uint16_t, float>(source, 1.0F / 65535, &target);
      break;
    case SampleType::kF32:
      ConvertRows<float, float>(source, 1, &target);
      break;
  }
  return target;
}

Image ExtractCrop(ImageView source, const Affine& source_from_crop, int width, int height) {
  const Rect area = {static_cast<int>(source_from_crop.x0), static_cast<int>(source_from_crop.y0),
                     width, height};
  if (source_from_crop == Translation({1.0 * area.left, 1.0 * area.top}) &&
      Intersect(area, source.bounds()) == area) {
    return ToFloat(source.Crop(area));  // Whole pixels: nothing to interpolate.
  }
  const Rect footprint = Footprint(source, source_from_crop, width, height);
  const ImageView part = source.Crop(footprint);
  const double scale = std::max(1.0, source_from_crop.Scale());
  // Averaged to the crop's own resolution; where the crop is finer this only converts.
  const int reduced_width = std::max(1, static_cast<int>(std::lround(part.width() / scale)));
  const int reduced_height = std::max(1, static_cast<int>(std::lround(part.height() / scale)));
  const Image reduced =
      scale > 1 ? ToFloat(Resize(part, reduced_width, reduced_height).view()) : ToFloat(part);
  const Affine source_from_reduced =
      Translation({1.0 * footprint.left, 1.0 * footprint.top}) *
      ResizeMap(1.0 * part.width() / reduced.width(), 1.0 * part.height() / reduced.height());
  return Warp(reduced.view(), source_from_reduced.Inverse() * source_from_crop, width, height,
              Interpolation::kCubic, Outside::kNearestEdge);
}

Image ToBytes(ImageView source) {
  Image target(source.width(), source.height(), source.channels(), SampleType::kU8);
  ConvertRows<float, std::uint8_t>(source, 255, &target);
  return target;
}

}  // namespace gpen
