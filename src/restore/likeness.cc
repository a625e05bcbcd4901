#include "restore/likeness.h"

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

}  // namespace gpen::restore
