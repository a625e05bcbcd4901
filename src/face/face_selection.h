// Which of the faces that were found are kept: each once, the largest first. No network is asked.
#pragma once

#include <array>
#include <vector>

#include "face/face_check.h"

namespace gpen::face {

struct FindOptions {
  double min_face = 24;  ///< Pixels; smaller faces are left out.
  int max_faces = 64;    ///< The largest are returned.
  /// Faces that a person has marked, from the brows to the chin, in pixels of the upright photo.
  /// They are taken whatever their size, and where the search finds none.
  std::vector<Box> by_hand;
  /// Where the middle of a found face lies in one of these, a person wants it left alone.
  std::vector<Box> leave;
};

struct FoundFaces {
  std::vector<DetectedFace> faces;       ///< Largest first.
  std::vector<DetectedFace> too_small;   ///< Left out: under min_face.
  std::vector<DetectedFace> over_limit;  ///< Left out: more than max_faces.
  std::vector<DetectedFace> unwanted;    ///< Left out: in FindOptions::leave.
  std::vector<Box> doubtful;             ///< What may be a face, but not surely.
  int quarter_turns = 0;  ///< Clockwise turns after which the photo's faces are upright.
};

/// Each face once, the best first: of boxes of the same face one by hand stays, else a clear one,
/// else the one with the highest score.
std::vector<DetectedFace> MergeDuplicates(std::vector<DetectedFace> faces);

/// True where no face is both clear and upright: in a photo that is upside down, now and then
/// something is taken for a face.
bool LooksTurned(const std::vector<DetectedFace>& faces);

/// The faces of a photo turned clockwise by 0 to 3 quarters.
using UnderTurn = std::array<std::vector<DetectedFace>, 4>;

/// The faces of a photo: all of the turn under which they look most like faces, and of the others
/// what is clear, or is not but stands next to a clear one of its own turn, as in one print. Sets
/// `quarter_turns` to the first of these turns.
std::vector<DetectedFace> MergeTurns(const UnderTurn& under_turn, int* quarter_turns);

/// Sorts `found->faces` by size, and moves those that `options` leave out. `found->doubtful` keeps
/// each place once, without those of faces and those that a person has spoken of.
void SelectFaces(const FindOptions& options, FoundFaces* found);

}  // namespace gpen::face
