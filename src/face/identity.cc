#include "face/identity.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "face/model_shape.h"
#include "face/tensor_fill.h"
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

Result<IdentityNet> IdentityNet::Create(std::unique_ptr<nn::Session> session) {
  GPEN_TRY(CheckShapes(*session, "identity network", {{1, 3, kSize, kSize}}, {{1, 512}}));
  return IdentityNet(std::move(session));
}

Result<IdentityFeature> IdentityNet::Describe(ImageView picture, const FivePoints& points,
                                              std::stop_token stop) const {
  const Affine picture_from_crop = EstimateSimilarity(kTemplate, points);
  const Image crop = ExtractCrop(picture, picture_from_crop, kSize, kSize);
  std::vector<float> input(std::size_t{3} * kSize * kSize);
  FillPlanarRgb(crop.view(), 255.0F / 128, -127.0F / 128, input);  // (x - 127) / 128 of 0..255.
  IdentityFeature feature;
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {feature};
  GPEN_TRY(session_->Run(inputs, outputs, stop));
  const double norm = std::sqrt(Similarity(feature, feature));
  if (norm > 0) {
    for (auto& value : feature) value = static_cast<float>(value / norm);
  }
  return feature;
}

}  // namespace gpen::face
