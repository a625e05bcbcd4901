#include "face/identity.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "face/input_rows.h"
#include "face/model_shape.h"
#include "image/resample.h"

namespace gpen::face {
namespace {

// Where the network was trained to see the five points (ArcFace's template on 112 x 112).
constexpr FivePoints kTemplate = {
    {{38.29, 51.70}, {73.53, 51.50}, {56.03, 71.74}, {41.55, 92.37}, {70.73, 92.20}}};

}  // namespace

double Similarity(const IdentityFeature& a, const IdentityFeature& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Result<IdentityNet> IdentityNet::Create(nn::ConvolutionNetwork network) {
  GPEN_TRY(CheckShapes(network, "identity network", {kSize, kSize, 3}, {{1, 1, 512}}));
  return IdentityNet(std::move(network));
}

Result<IdentityFeature> IdentityNet::Describe(ImageView picture, const FivePoints& points,
                                              std::stop_token stop) const {
  const Affine picture_from_crop = EstimateSimilarity(kTemplate, points);
  const Image crop = ExtractCrop(picture, picture_from_crop, kSize, kSize);
  const auto fill_row = [&](int y, float* row) {
    FillRgbRow(crop.view(), y, 255.0F / 128, -127.0F / 128, row);  // (x - 127) / 128 of 0..255.
  };
  GPEN_ASSIGN_OR_RETURN(const auto maps, network_.Run(kSize, kSize, fill_row, stop));
  IdentityFeature feature;
  std::ranges::copy(maps[0].values, feature.begin());
  const double norm = std::sqrt(Similarity(feature, feature));
  if (norm > 0) {
    for (auto& value : feature) value = static_cast<float>(value / norm);
  }
  return feature;
}

}  // namespace gpen::face
