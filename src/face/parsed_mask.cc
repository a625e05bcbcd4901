#include "face/parsed_mask.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "face/face_mask.h"
#include "face/face_parser.h"
#include "image/resample.h"
#include "image/smooth_step.h"

namespace gpen::face {
namespace {

// As parts of the crop's side.
constexpr double kCertaintySigma = 0.025;  // Over which it is asked how sure the network is.
constexpr double kFeather = 0.02;          // Sigma of the mask's edge.
constexpr double kBorder = 0.14;           // Where hair and neck fade.

// A restored face's hair is smoother than the person's: strands of the photo stay in part.
constexpr float kOfHair = 0.7F;

template <typename Value>
Image Filled(int side, const Value& value_at) {
  Image image(side, side, 1, SampleType::kF32);
  for (int y = 0; y < side; ++y) {
    float* row = image.Row<float>(y);
    for (int x = 0; x < side; ++x) row[x] = value_at(x, y);
  }
  return image;
}

float PartAt(const Image& parts, int x, int y, FacePart part) {
  return parts.Row<float>(y)[kFaceParts * x + static_cast<int>(part)];
}

// How far the network finds a face where the landmarks have one, 0 to 1.
float Agreement(const Image& parts, const Image& outline) {
  constexpr float kInside = 0.9F;
  float found = 0;
  float all = 0;
  for (int y = 0; y < parts.height(); ++y) {
    for (int x = 0; x < parts.width(); ++x) {
      if (outline.Row<float>(y)[x] < kInside) continue;
      all += 1;
      found += PartAt(parts, x, y, FacePart::kFace);
    }
  }
  return all > 0 ? SmoothStep(0.3F, 0.55F, found / all) : 0.0F;
}

// `person` without what does not hang together with the person inside of `outline`.
Image Connected(const Image& person, const Image& outline) {
  constexpr float kPart = 0.4F;
  const int side = person.width();
  std::vector<char> reached(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  std::vector<int> open;
  const auto reach = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= side || y >= side || person.Row<float>(y)[x] < kPart) return;
    char& is_reached = reached[static_cast<std::size_t>(y * side + x)];
    if (is_reached != 0) return;
    is_reached = 1;
    open.push_back(y * side + x);
  };
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      if (outline.Row<float>(y)[x] > 0.5F) reach(x, y);
    }
  }
  while (!open.empty()) {
    const int x = open.back() % side;
    const int y = open.back() / side;
    open.pop_back();
    reach(x - 1, y);
    reach(x + 1, y);
    reach(x, y - 1);
    reach(x, y + 1);
  }
  return Filled(side, [&](int x, int y) {
    return reached[static_cast<std::size_t>(y * side + x)] != 0 ? person.Row<float>(y)[x] : 0.0F;
  });
}

}  // namespace

Image ParsedMask(const Image& parts, const Landmarks& landmarks, int size) {
  const int side = parts.width();
  Landmarks scaled = landmarks;
  const Affine side_from_size = ResizeMap(1.0 * side / size, 1.0 * side / size);
  for (Point& point : scaled) point = side_from_size(point);
  const Image outline = FaceMask(scaled, side);
  const Image person = Filled(side, [&](int x, int y) {
    return PartAt(parts, x, y, FacePart::kFace) + PartAt(parts, x, y, FacePart::kHair);
  });
  const float agreement = Agreement(parts, outline);
  const Image certainty = GaussianBlur(
      Filled(side, [&](int x, int y) { return std::fabs(2 * person.Row<float>(y)[x] - 1); }).view(),
      kCertaintySigma * side);
  const Image shown = Connected(person, outline);
  Image mask = GaussianBlur(Filled(side,
                                   [&](int x, int y) {
                                     const float kept =
                                         1 - (1 - kOfHair) * PartAt(parts, x, y, FacePart::kHair);
                                     return kept * SmoothStep(0.3F, 0.7F, shown.Row<float>(y)[x]);
                                   })
                                .view(),
                            kFeather * side);
  FadeToBorder(kBorder, mask.mutable_view());
  mask = Filled(side, [&](int x, int y) {
    const float sure = agreement * SmoothStep(0.3F, 0.6F, certainty.Row<float>(y)[x]);
    const float by_landmarks = outline.Row<float>(y)[x];
    return by_landmarks + sure * (mask.Row<float>(y)[x] - by_landmarks);
  });
  if (side != size) mask = Resize(mask.view(), size, size);
  for (int y = 0; y < size; ++y) {
    float* row = mask.Row<float>(y);
    for (int x = 0; x < size; ++x) row[x] = std::clamp(row[x], 0.0F, 1.0F);  // Cubic overshoots.
  }
  return mask;
}

}  // namespace gpen::face
