#include "face/face_selection.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace gpen::face {
namespace {

constexpr double kSameFaceIou = 0.3;
constexpr double kSameFaceContainment = 0.6;

}  // namespace

std::vector<DetectedFace> MergeDuplicates(std::vector<DetectedFace> faces) {
  std::ranges::stable_sort(faces, std::ranges::greater{}, &DetectedFace::score);
  std::vector<DetectedFace> kept;
  for (const auto& face : faces) {
    const bool known = std::ranges::any_of(kept, [&](const DetectedFace& better) {
      return Iou(better.box, face.box) > kSameFaceIou ||
             Containment(better.box, face.box) > kSameFaceContainment;
    });
    if (!known) kept.push_back(face);
  }
  return kept;
}

bool LooksTurned(const std::vector<DetectedFace>& faces) {
  return std::ranges::none_of(faces, [](const DetectedFace& face) {
    const auto points = AlignmentPoints(face.landmarks);
    const Point eyes = points[1] - points[0];
    return face.is_clear && eyes.x > std::abs(eyes.y);
  });
}

double TotalScore(const std::vector<DetectedFace>& faces) {
  double total = 0;
  for (const auto& face : faces) total += face.score;
  return total;
}

void SelectLargest(const FindOptions& options, FoundFaces* found) {
  auto& faces = found->faces;
  std::ranges::stable_sort(faces, std::ranges::greater{}, &DetectedFace::size);
  const auto move_tail = [&faces](auto first, std::vector<DetectedFace>* left_out) {
    left_out->assign(first, faces.end());
    faces.erase(first, faces.end());
  };
  move_tail(std::ranges::find_if(
                faces, [&](const DetectedFace& face) { return face.size() < options.min_face; }),
            &found->too_small);
  const auto limit = static_cast<std::ptrdiff_t>(std::max(0, options.max_faces));
  if (std::ssize(faces) > limit) move_tail(faces.begin() + limit, &found->over_limit);
}

}  // namespace gpen::face
