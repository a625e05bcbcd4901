// FaceCheck: is a candidate a face, and where are its landmarks?
//
// BlazeFace alone takes some cats, lamps and coffee cups for faces. What tells a face from them is
// that the landmarks stay where they are when the crop is mirrored, enlarged or shifted, and that
// UltraFace still sees a face when the candidate is made small. Clear faces pass on the first and
// cheap evidence; doubtful ones are looked at again, also evened out.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "face/blazeface.h"
#include "face/box.h"
#include "face/landmarks.h"
#include "face/ultraface.h"
#include "image/image_pyramid.h"

namespace gpen::face {

/// A face in the photo's pixels.
struct DetectedFace {
  Box box;           ///< From the brows to the chin, roughly square.
  double score = 0;  ///< BlazeFace's confidence, 0..1.
  Landmarks landmarks;
  bool is_clear = false;    ///< Beyond doubt.
  bool is_by_hand = false;  ///< A person said so.

  /// Longer side of the box in pixels.
  double size() const;
};

struct FaceNetworks {
  UltraFace ultraface;
  BlazeFace blazeface;
  LandmarkNet landmarks;
};

/// What became of a candidate.
struct CheckedPlace {
  std::optional<DetectedFace> face;
  std::optional<Box> doubtful;  ///< Much speaks for a face, but not enough. In the photo's pixels.
};

/// Confirms and refines candidates, several at a time. They are in pixels of a picture;
/// `photo_from_picture` may turn and scale. Crops come from the photo itself, so that small faces
/// keep every pixel. What shows a face that another candidate showed clearly is not looked at
/// further, nor what UltraFace, unsure of it, does not see where it is small. Where the photo is
/// bad or the first look is not clear, the first `thorough` are evened out for two more looks. One
/// place for each candidate.
Result<std::vector<CheckedPlace>> CheckFaces(
    const FaceNetworks& networks, const ImagePyramid& photo, const Affine& photo_from_picture,
    std::span<const ScoredBox> candidates, std::size_t thorough, int threads, std::stop_token stop);

/// Whether there is a clear face at the candidate, as it stands in the picture: a quick look.
Result<bool> ShowsFace(const FaceNetworks& networks, const ImagePyramid& photo,
                       const Affine& photo_from_picture, const Box& candidate,
                       std::stop_token stop);

/// The face that a person says is in `box` (pixels of the photo, about from the brows to the chin),
/// under whichever quarter turn and view the networks see it best. Where they see none, the
/// landmarks are those of an upright face that fills the box.
Result<DetectedFace> LocateFace(const FaceNetworks& networks, const ImagePyramid& photo,
                                const Box& box, std::stop_token stop);

}  // namespace gpen::face
