#include "restore/mask_sharing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "image/smooth_step.h"

namespace gpen::restore {
namespace {

constexpr double kSoft = 0.08;  // In faces' sizes: where a pixel belongs to both.

Point MiddleOf(const FacePatch& patch) {
  Point sum;
  for (const Point& point : patch.landmarks) sum = sum + point;
  return sum * (1.0 / static_cast<double>(patch.landmarks.size()));
}

double DistanceIn(const FacePatch& patch, const Point& middle, const Point& point) {
  return Length(point - middle) / patch.mask.width();
}

// Whether the squares of the two can touch.
bool MayOverlap(const FacePatch& a, const FacePatch& b) {
  const auto middle = [](const FacePatch& patch) {
    return patch.photo_from_crop({patch.mask.width() / 2.0, patch.mask.width() / 2.0});
  };
  const auto reach = [](const FacePatch& patch) {
    return patch.photo_from_crop.Scale() * patch.mask.width() * std::sqrt(0.5);
  };
  return Length(middle(a) - middle(b)) < reach(a) + reach(b);
}

// The mask's value at a place between pixels; 0 outside.
float ValueAt(const Image& mask, const Point& at) {
  const auto x = static_cast<int>(std::floor(at.x));
  const auto y = static_cast<int>(std::floor(at.y));
  if (x < 0 || y < 0 || x + 1 >= mask.width() || y + 1 >= mask.height()) return 0;
  const auto right = static_cast<float>(at.x - x);
  const auto down = static_cast<float>(at.y - y);
  const float* upper = mask.Row<float>(y) + x;
  const float* lower = mask.Row<float>(y + 1) + x;
  return (upper[0] * (1 - right) + upper[1] * right) * (1 - down) +
         (lower[0] * (1 - right) + lower[1] * right) * down;
}

// Takes from `mask`, which is that of `own`, what `other` has a better claim to.
void Yield(const FacePatch& own, const FacePatch& other, Image* mask) {
  const Affine other_from_own = other.photo_from_crop.Inverse() * own.photo_from_crop;
  const Point middle = MiddleOf(own);
  const Point other_middle = MiddleOf(other);
  for (int y = 0; y < mask->height(); ++y) {
    float* row = mask->Row<float>(y);
    for (int x = 0; x < mask->width(); ++x) {
      if (row[x] <= 0) continue;
      const Point here = {1.0 * x, 1.0 * y};
      const Point there = other_from_own(here);
      const float taken = ValueAt(other.mask, there);
      if (taken <= 0) continue;
      const double nearer = DistanceIn(own, middle, here) - DistanceIn(other, other_middle, there);
      row[x] *= 1 - taken * static_cast<float>(SmoothStep(-kSoft, kSoft, nearer));
    }
  }
}

}  // namespace

void ShareMasks(std::vector<FacePatch>* patches) {
  std::vector<Image> masks;
  for (std::size_t i = 0; i < patches->size(); ++i) {
    const FacePatch& own = (*patches)[i];
    masks.push_back(own.mask.Clone());
    for (std::size_t j = 0; j < patches->size(); ++j) {
      if (j != i && MayOverlap(own, (*patches)[j])) Yield(own, (*patches)[j], &masks.back());
    }
  }
  for (std::size_t i = 0; i < patches->size(); ++i) {
    (*patches)[i].mask = std::move(masks[i]);
  }
}

}  // namespace gpen::restore
