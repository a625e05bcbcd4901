#include "face/face_selection.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <utility>

namespace gpen::face {
namespace {

double Rank(const DetectedFace& face) {
  return face.score + (face.is_clear ? 1 : 0) + (face.is_by_hand ? 2 : 0);
}

double TotalScore(const std::vector<DetectedFace>& faces) {
  double total = 0;
  for (const auto& face : faces) total += face.score;
  return total;
}

bool Holds(const Box& box, Point point) {
  return point.x >= box.left && point.x <= box.right && point.y >= box.top && point.y <= box.bottom;
}

bool IsWanted(const FindOptions& options, const Box& box) {
  return std::ranges::none_of(options.leave,
                              [&](const Box& leave) { return Holds(leave, box.center()); });
}

// Moves the faces for which `stays` is false.
template <typename Stays>
void MoveOthers(std::vector<DetectedFace>* faces, const Stays& stays,
                std::vector<DetectedFace>* others) {
  const auto rest = std::stable_partition(faces->begin(), faces->end(), stays);
  others->assign(rest, faces->end());
  faces->erase(rest, faces->end());
}

// The turn under which the clear face next to `point` lies. Those of one print lie the same way.
const std::vector<DetectedFace>* TurnOfNearestClear(const UnderTurn& under_turn, Point point) {
  const std::vector<DetectedFace>* turn = nullptr;
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto& faces : under_turn) {
    for (const auto& face : faces) {
      const double distance = Length(face.box.center() - point);
      if (!face.is_clear || distance >= nearest) continue;
      nearest = distance;
      turn = &faces;
    }
  }
  return turn;
}

}  // namespace

std::vector<DetectedFace> MergeDuplicates(std::vector<DetectedFace> faces) {
  std::ranges::stable_sort(faces, std::ranges::greater{}, Rank);
  std::vector<DetectedFace> kept;
  for (const auto& face : faces) {
    const bool known = std::ranges::any_of(
        kept, [&](const DetectedFace& better) { return IsSameFace(better.box, face.box); });
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

std::vector<DetectedFace> MergeTurns(const UnderTurn& under_turn, int* quarter_turns) {
  const auto best = std::ranges::max_element(under_turn, {}, TotalScore);
  *quarter_turns = static_cast<int>(best - under_turn.begin());
  std::vector<DetectedFace> all = *best;
  for (const auto& faces : under_turn) {
    if (&faces == &*best) continue;
    std::ranges::copy_if(faces, std::back_inserter(all), [&](const DetectedFace& face) {
      return face.is_clear || TurnOfNearestClear(under_turn, face.box.center()) == &faces;
    });
  }
  return MergeDuplicates(std::move(all));
}

void SelectFaces(const FindOptions& options, FoundFaces* found) {
  auto& faces = found->faces;
  std::ranges::stable_sort(faces, std::ranges::greater{}, &DetectedFace::size);
  MoveOthers(
      &faces,
      [&](const DetectedFace& face) { return face.is_by_hand || IsWanted(options, face.box); },
      &found->unwanted);
  MoveOthers(
      &faces,
      [&](const DetectedFace& face) { return face.is_by_hand || face.size() >= options.min_face; },
      &found->too_small);
  int count = 0;
  MoveOthers(
      &faces,
      [&](const DetectedFace& face) { return face.is_by_hand || ++count <= options.max_faces; },
      &found->over_limit);
  std::vector<Box> doubtful;
  for (const auto& box : found->doubtful) {
    const auto shows_it = [&](const DetectedFace& face) { return IsSameFace(face.box, box); };
    const bool known =
        std::ranges::any_of(faces, shows_it) || std::ranges::any_of(found->too_small, shows_it) ||
        std::ranges::any_of(found->over_limit, shows_it) ||
        std::ranges::any_of(found->unwanted, shows_it) ||
        std::ranges::any_of(doubtful, [&](const Box& other) { return IsSameFace(other, box); });
    if (!known && IsWanted(options, box)) doubtful.push_back(box);
  }
  found->doubtful = std::move(doubtful);
}

}  // namespace gpen::face
