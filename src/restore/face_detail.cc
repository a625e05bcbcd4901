#include "restore/face_detail.h"

#include <algorithm>
#include <cmath>

#include "image/resample.h"
#include "restore/yuv.h"

namespace gpen::restore {
namespace {

Image Halved(ImageView picture) {
  return Resize(picture, picture.width() / 2, picture.height() / 2);
}

// Root of the mean square of the Laplacian: no slope counts, as one would in what is left of a
// picture that was reduced and enlarged again.
double Curvature(ImageView luma) {
  double sum = 0;
  for (int y = 1; y + 1 < luma.height(); ++y) {
    const float* above = luma.Row<float>(y - 1);
    const float* row = luma.Row<float>(y);
    const float* below = luma.Row<float>(y + 1);
    for (int x = 1; x + 1 < luma.width(); ++x) {
      const double laplacian = 4.0 * row[x] - row[x - 1] - row[x + 1] - above[x] - below[x];
      sum += laplacian * laplacian;
    }
  }
  return std::sqrt(sum / (static_cast<double>(luma.width() - 2) * (luma.height() - 2)));
}

}  // namespace

double FaceDetail(ImageView crop) {
  constexpr double kNothing = 0.1 / 255;  // Less than an evenly gray picture of 8 bits has.
  const ImageView middle =
      crop.Crop({crop.width() / 8, crop.height() / 8, crop.width() * 3 / 4, crop.height() * 3 / 4});
  const Image half = Halved(LumaOf(middle).view());
  const Image quarter = Halved(half.view());
  return Curvature(half.view()) / std::max(kNothing, Curvature(quarter.view()));
}

}  // namespace gpen::restore
