#include "face/landmarks.h"

#include <vector>

#include "face/input_rows.h"
#include "face/model_shape.h"

namespace gpen::face {
namespace {

Point MeanOf(const Landmarks& landmarks, std::size_t first, std::size_t last) {
  Point sum;
  for (std::size_t i = first; i <= last; ++i) sum = sum + landmarks[i];
  return sum * (1.0 / static_cast<double>(last - first + 1));
}

}  // namespace

FivePoints AlignmentPoints(const Landmarks& landmarks) {
  return {MeanOf(landmarks, 36, 41), MeanOf(landmarks, 42, 47), landmarks[30], landmarks[48],
          landmarks[54]};
}

Landmarks MirrorOrder(const Landmarks& mirrored) {
  constexpr std::array<std::size_t, 68> kPartner = {
      16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4, 3, 2, 1, 0,  // Jaw.
      26, 25, 24, 23, 22, 21, 20, 19, 18, 17,                         // Brows.
      27, 28, 29, 30, 35, 34, 33, 32, 31,                             // Nose.
      45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,                 // Eyes.
      54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,                 // Outer lips.
      64, 63, 62, 61, 60, 67, 66, 65};                                // Inner lips.
  Landmarks landmarks;
  for (std::size_t i = 0; i < landmarks.size(); ++i) landmarks[i] = mirrored[kPartner[i]];
  return landmarks;
}

Result<LandmarkNet> LandmarkNet::Create(nn::ConvolutionNetwork network) {
  GPEN_TRY(CheckShapes(network, "landmark network", {kSize, kSize, 1}, {{1, 1, 136}}));
  return LandmarkNet(std::move(network));
}

Result<Landmarks> LandmarkNet::Find(ImageView crop, std::stop_token stop) const {
  const auto fill_row = [&](int y, float* row) { FillGrayRow(crop, y, 255.0F / 256, row); };
  GPEN_ASSIGN_OR_RETURN(const auto maps, network_.Run(kSize, kSize, fill_row, stop));
  const std::vector<float>& output = maps[0].values;
  Landmarks landmarks;
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    // 0..1 spans the crop from edge to edge; pixel centres are half a pixel inside.
    landmarks[i] = {output[2 * i] * kSize - 0.5, output[2 * i + 1] * kSize - 0.5};
  }
  return landmarks;
}

}  // namespace gpen::face
