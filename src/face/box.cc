#include "face/box.h"

#include <algorithm>

namespace gpen::face {

Box Transform(const Box& box, const Affine& map) {
  const Point a = map({box.left, box.top});
  const Point b = map({box.right, box.bottom});
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y)};
}

double Intersection(const Box& a, const Box& b) {
  return Box{std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
             std::min(a.bottom, b.bottom)}
      .area();
}

double Iou(const Box& a, const Box& b) {
  const double common = Intersection(a, b);
  const double all = a.area() + b.area() - common;
  return all > 0 ? common / all : 0;
}

double Containment(const Box& a, const Box& b) {
  const double smaller = std::min(a.area(), b.area());
  return smaller > 0 ? Intersection(a, b) / smaller : 0;
}

bool IsSameFace(const Box& a, const Box& b) {
  constexpr double kSameIou = 0.3;
  constexpr double kSameContainment = 0.6;
  return Iou(a, b) > kSameIou || Containment(a, b) > kSameContainment;
}

std::vector<ScoredBox> SuppressNonMaxima(std::vector<ScoredBox> boxes, double iou) {
  std::ranges::stable_sort(boxes, std::ranges::greater{}, &ScoredBox::score);
  std::vector<ScoredBox> kept;
  for (const auto& candidate : boxes) {
    const bool covered = std::ranges::any_of(
        kept, [&](const ScoredBox& better) { return Iou(better.box, candidate.box) > iou; });
    if (!covered) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace gpen::face
