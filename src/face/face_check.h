// FaceCheck: is a candidate a face, and where are its landmarks?
//
// BlazeFace alone takes some cats, lamps and coffee cups for faces. What tells a face from them is
// that the landmarks stay where they are when the crop is mirrored, enlarged or shifted, and that
// UltraFace still sees a face when the candidate is made small. Clear faces pass on the first and
// cheap evidence; doubtful ones are looked at again.
#pragma once

#include <optional>
#include <stop_token>

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
  bool is_clear = false;  ///< Passed without a second look.

  /// Longer side of the box in pixels.
  double size() const;
};

struct FaceNetworks {
  UltraFace ultraface;
  BlazeFace blazeface;
  LandmarkNet landmarks;
};

/// Confirms and refines one candidate. `candidate` is in pixels of a picture; `photo_from_picture`
/// may turn and scale. Crops come from the photo itself, so that small faces keep every pixel.
/// Nothing where it is not a face.
Result<std::optional<DetectedFace>> CheckFace(const FaceNetworks& networks,
                                              const ImagePyramid& photo,
                                              const Affine& photo_from_picture,
                                              const Box& candidate, std::stop_token stop);

}  // namespace gpen::face
