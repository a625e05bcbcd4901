// Which of the faces that were found are kept: each once, the largest first. No network is asked.
#pragma once

#include <vector>

#include "face/face_check.h"

namespace gpen::face {

struct FindOptions {
  double min_face = 24;  ///< Pixels; smaller faces are left out.
  int max_faces = 64;    ///< The largest are returned.
};

struct FoundFaces {
  std::vector<DetectedFace> faces;       ///< Largest first.
  std::vector<DetectedFace> too_small;   ///< Left out: under min_face.
  std::vector<DetectedFace> over_limit;  ///< Left out: more than max_faces.
  int quarter_turns = 0;  ///< Clockwise turns after which the photo's faces are upright.
};

/// Each face once, the best first: of boxes that overlap, or of which one lies in the other, the
/// one with the highest score stays.
std::vector<DetectedFace> MergeDuplicates(std::vector<DetectedFace> faces);

/// True where no face is both clear and upright: in a photo that is upside down, now and then
/// something is taken for a face.
bool LooksTurned(const std::vector<DetectedFace>& faces);

double TotalScore(const std::vector<DetectedFace>& faces);

/// Sorts `found->faces` by size, and moves those that `options` leave out.
void SelectLargest(const FindOptions& options, FoundFaces* found);

}  // namespace gpen::face
