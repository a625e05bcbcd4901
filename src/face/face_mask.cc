#include "face/face_mask.h"

#include <algorithm>
#include <vector>

#include "image/resample.h"
#include "image/smooth_step.h"

namespace gpen::face {
namespace {

// The forehead rises above the brows by about this part of the height from chin to nose bridge.
constexpr double kForehead = 0.55;
constexpr double kFeather = 0.035;  // Of the crop's size: sigma of the mask's edge.
constexpr double kBorder = 0.06;    // Of the crop's size: where the mask is forced down to 0.

std::vector<Point> Outline(const Landmarks& landmarks) {
  std::vector<Point> outline(landmarks.begin(), landmarks.begin() + 17);  // Jaw.
  const Point up = (landmarks[27] - landmarks[8]) * kForehead;            // Chin to nose bridge.
  for (std::size_t i = 17; i < 27; ++i) {                                 // Brows.
    outline.push_back(landmarks[i]);
    outline.push_back(landmarks[i] + up);
  }
  return outline;
}

// 0 at the edge, 1 from `border` pixels on, with a smooth rise.
float BorderRamp(int position, int size, double border) {
  return static_cast<float>(SmoothStep(0.0, border, 1.0 * std::min(position, size - 1 - position)));
}

}  // namespace

Image FaceMask(const Landmarks& landmarks, int size) {
  Image mask = GaussianBlur(ConvexHullMask(Outline(landmarks), size, size).view(), kFeather * size);
  FadeToBorder(kBorder, mask.mutable_view());
  return mask;
}

void FadeToBorder(double border, MutableImageView mask) {
  const int size = mask.width();
  std::vector<float> ramp;
  for (int i = 0; i < size; ++i) ramp.push_back(BorderRamp(i, size, border * size));
  for (int y = 0; y < size; ++y) {
    float* row = mask.Row<float>(y);
    for (int x = 0; x < size; ++x) {
      row[x] *= ramp[static_cast<std::size_t>(x)] * ramp[static_cast<std::size_t>(y)];
    }
  }
}

Image FullMask(int size) {
  Image mask(size, size, 1, SampleType::kF32);
  std::fill_n(mask.Row<float>(0), size * size, 1.0F);
  return mask;
}

}  // namespace gpen::face
