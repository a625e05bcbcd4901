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

// The slope and the floor are an estimate, still to be fitted to faces of known truth. Pairs of
// different people have 0.01 in the median and 0.26 at most.
double LeastSimilarity(double steadiness) {
  return std::clamp(steadiness - 0.3, 0.2, kEnoughSimilarity);
}

}  // namespace gpen::restore
