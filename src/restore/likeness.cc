#include "restore/likeness.h"

#include <fmt/format.h>

#include <algorithm>

#include "image/resample.h"

namespace gpen::restore {

Result<double> Steadiness(const face::IdentityNet& identity, ImageView picture,
                          const face::FivePoints& points, const face::IdentityFeature& feature,
                          std::stop_token stop) {
  const double sigma = Length(points[1] - points[0]) / 32;
  const Image smooth = GaussianBlur(picture, sigma);
  GPEN_ASSIGN_OR_RETURN(const auto other, identity.Describe(smooth.view(), points, stop));
  return face::Similarity(feature, other);
}

// Measured on 736 degraded faces of known truth (training/README.md, "Likeness"). Below
// kSaysNothing the bad face is less like its truth (0.2) than the restored one (0.5), which never
// came out farther from it, whatever its likeness to the bad one was. Above kSaysAll no restored
// face had less than 0.5.
std::optional<double> LeastSimilarity(double steadiness) {
  constexpr double kSaysNothing = 0.8;
  constexpr double kSaysAll = 0.95;
  if (steadiness < kSaysNothing) return {};
  const double share = (steadiness - kSaysNothing) / (kSaysAll - kSaysNothing);
  return kEnoughSimilarity * std::min(share, 1.0);
}

void JudgeLikeness(double steadiness, FaceReport* face, FacePatch* patch, PhotoReport* report) {
  const auto center = face->face.box.center();
  const auto least = LeastSimilarity(steadiness);
  if (!least) {
    report->warnings.push_back(
        fmt::format("the face at ({:.0f}, {:.0f}) is so damaged that the photo hardly shows who it "
                    "is: the restored one is a guess",
                    center.x, center.y));
    return;
  }
  if (*face->identity_similarity >= *least) return;
  patch->weight = 0.5;
  face->held_back =
      fmt::format("likeness {:.2f}, at least {:.2f} is wanted of a face in this state",
                  *face->identity_similarity, *least);
  report->warnings.push_back(fmt::format(
      "the face at ({:.0f}, {:.0f}) may no longer look like the same person ({}): half of the "
      "strength is used",
      center.x, center.y, face->held_back));
}

}  // namespace gpen::restore
