#include "image/resample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace gpen {
namespace {

constexpr double kStepsInSigma = 3;  // Of a wide blur's coarse picture.

int CvDepth(SampleType type) {
  return type == SampleType::kU8 ? CV_8U : type == SampleType::kU16 ? CV_16U : CV_32F;
}

// A header over our memory. OpenCV has no read-only Mat; sources are never written.
cv::Mat AsMat(ImageView view) {
  return {view.height(), view.width(), CV_MAKETYPE(CvDepth(view.type()), view.channels()),
          const_cast<std::byte*>(view.data()), view.stride_bytes()};
}
cv::Mat AsMat(Image& image) {
  const auto view = image.mutable_view();
  return {view.height(), view.width(), CV_MAKETYPE(CvDepth(view.type()), view.channels()),
          view.data(), view.stride_bytes()};
}

cv::Matx23d AsMatrix(const Affine& map) { return {map.xx, map.xy, map.x0, map.yx, map.yy, map.y0}; }

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

}  // namespace

Image Resize(ImageView source, int width, int height) {
  Image target(width, height, source.channels(), source.type());
  cv::Mat out = AsMat(target);
  const bool shrinks = width <= source.width() && height <= source.height();
  cv::resize(AsMat(source), out, out.size(), 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_CUBIC);
  return target;
}

Image Rotate(ImageView source, int quarter_turns) {
  if (quarter_turns == 0) return CopyOf(source);
  const bool upright = quarter_turns == 2;
  Image target(upright ? source.width() : source.height(),
               upright ? source.height() : source.width(), source.channels(), source.type());
  cv::Mat out = AsMat(target);
  constexpr std::array kCodes = {cv::ROTATE_90_CLOCKWISE, cv::ROTATE_180,
                                 cv::ROTATE_90_COUNTERCLOCKWISE};
  cv::rotate(AsMat(source), out, kCodes[static_cast<std::size_t>(quarter_turns - 1)]);
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
  cv::Mat out = AsMat(target);
  const double unit = source.type() == SampleType::kU8    ? 1.0 / 255
                      : source.type() == SampleType::kU16 ? 1.0 / 65535
                                                          : 1.0;
  AsMat(source).convertTo(out, CV_32F, unit);
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
  Image crop(width, height, source.channels(), SampleType::kF32);
  cv::Mat out = AsMat(crop);
  cv::warpAffine(AsMat(reduced.view()), out,
                 AsMatrix(source_from_reduced.Inverse() * source_from_crop), out.size(),
                 cv::INTER_CUBIC | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
  return crop;
}

Image Warp(ImageView source, const Affine& source_from_target, int width, int height,
           Interpolation interpolation) {
  Image target(width, height, source.channels(), SampleType::kF32);
  cv::Mat out = AsMat(target);
  const int flags = (interpolation == Interpolation::kCubic ? cv::INTER_CUBIC : cv::INTER_LINEAR) |
                    cv::WARP_INVERSE_MAP;
  cv::warpAffine(AsMat(source), out, AsMatrix(source_from_target), out.size(), flags,
                 cv::BORDER_CONSTANT, cv::Scalar::all(0));
  return target;
}

Image GaussianBlur(ImageView source, double sigma) {
  Image target(source.width(), source.height(), source.channels(), SampleType::kF32);
  cv::Mat out = AsMat(target);
  const int step = static_cast<int>(sigma / kStepsInSigma);
  const cv::Size coarse(source.width() / std::max(step, 1), source.height() / std::max(step, 1));
  if (step < 2 || coarse.empty()) {
    cv::GaussianBlur(AsMat(source), out, cv::Size(), sigma, sigma, cv::BORDER_REFLECT);
    return target;
  }
  // What a wide blur leaves can be told from fewer pixels; of all of them it would cost more than
  // the network does.
  cv::Mat means;
  cv::resize(AsMat(source), means, coarse, 0, 0, cv::INTER_AREA);
  // Averaging over a step and interpolating between steps are blurs themselves, of 1/12 and 1/6 of
  // a squared step.
  const auto rest = [&](int pixels, int steps) {
    const double in_steps = sigma * steps / pixels;
    return std::sqrt(in_steps * in_steps - 0.25);
  };
  cv::GaussianBlur(means, means, cv::Size(), rest(source.width(), coarse.width),
                   rest(source.height(), coarse.height), cv::BORDER_REFLECT);
  cv::resize(means, out, out.size(), 0, 0, cv::INTER_LINEAR);
  return target;
}

Image ConvexHullMask(std::span<const Point> points, int width, int height) {
  constexpr int kShift = 4;  // Fixed-point fraction bits of fillConvexPoly.
  std::vector<cv::Point> fixed;
  for (const auto& point : points) {
    fixed.emplace_back(static_cast<int>(std::lround(point.x * (1 << kShift))),
                       static_cast<int>(std::lround(point.y * (1 << kShift))));
  }
  std::vector<cv::Point> hull;
  cv::convexHull(fixed, hull);
  cv::Mat drawn = cv::Mat::zeros(height, width, CV_8U);
  cv::fillConvexPoly(drawn, hull, cv::Scalar(255), cv::LINE_AA, kShift);
  Image mask(width, height, 1, SampleType::kF32);
  cv::Mat out = AsMat(mask);
  drawn.convertTo(out, CV_32F, 1.0 / 255);
  return mask;
}

Image ToBytes(ImageView source) {
  Image target(source.width(), source.height(), source.channels(), SampleType::kU8);
  cv::Mat out = AsMat(target);
  AsMat(source).convertTo(out, CV_8U, 255);
  return target;
}

std::string ImageLibraryVersion() { return "OpenCV " + std::string(CV_VERSION); }

void SetImageThreads(int threads) { cv::setNumThreads(threads); }

}  // namespace gpen
