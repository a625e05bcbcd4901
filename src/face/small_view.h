// What UltraFace sees of a place that is made small: there blur and noise hardly matter, and what
// only resembles a face close up no longer does.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "face/box.h"
#include "face/face_view.h"
#include "face/pose.h"
#include "face/ultraface.h"

namespace gpen::face {

/// UltraFace's mean score, 0..1, where the face is 24 to 40 pixels large, as it is and mirrored.
/// Once it cannot reach `needed` it looks no longer, and gives less than that.
Result<double> SmallViewScore(const UltraFace& ultraface, const FaceView& photo, const Pose& pose,
                              double needed, std::stop_token stop);

/// UltraFace's score, 0..1, for a candidate in the middle of a tile that shows it small: one run of
/// the network, where a look takes five and more. `candidate`: in pixels of a picture.
Result<double> Glance(const UltraFace& ultraface, const FaceView& photo,
                      const Affine& photo_from_picture, const Box& candidate, std::stop_token stop);

}  // namespace gpen::face
