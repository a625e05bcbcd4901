// Likeness: whether a restored face may still be the same person, judged against the bad face that
// was restored: the truth is not known.
//
// The worse a face is, the less its own likeness says: a face full of noise is not even like itself
// without the noise. So what is asked of the restored face depends on how steady the likeness of
// the bad one is.
#pragma once

#include <optional>
#include <stop_token>

#include "base/result.h"
#include "face/identity.h"
#include "restore/face_patch.h"
#include "restore/photo_report.h"

namespace gpen::restore {

/// How alike `picture` (as in IdentityNet::Describe, whose feature of it is `feature`) is to itself
/// when fine structure is taken from it: about 1 for a sharp or smooth face, less for a noisy one.
/// Errors: those of Describe.
Result<double> Steadiness(const face::IdentityNet& identity, ImageView picture,
                          const face::FivePoints& points, const face::IdentityFeature& feature,
                          std::stop_token stop);

/// The similarity that a restored face needs whose input is so steady; empty where the bad face
/// says too little of its person to judge by.
std::optional<double> LeastSimilarity(double steadiness);

/// What LeastSimilarity() asks at most: at or above it nothing need be known of the input.
inline constexpr double kEnoughSimilarity = 0.5;

/// A face whose similarity is less than its input asks for gets half of the strength, and the
/// report says so. Of one whose photo says too little to tell, it says that the face is a guess.
void JudgeLikeness(double steadiness, FaceReport* face, FacePatch* patch, PhotoReport* report);

}  // namespace gpen::restore
