#include "restore/face_detail.h"

#include <cmath>

#include "image/resample.h"
#include "restore/yuv.h"

namespace gpen::restore {

double FaceDetail(ImageView crop) {
  const Rect middle = {crop.width() / 4, crop.height() / 4, crop.width() / 2, crop.height() / 2};
  Image luma(middle.width, middle.height, 1, SampleType::kF32);
  for (int y = 0; y < middle.height; ++y) {
    const float* pixel = crop.Row<float>(middle.top + y) + 3 * middle.left;
    float* row = luma.Row<float>(y);
    for (int x = 0; x < middle.width; ++x, pixel += 3) row[x] = Luma(pixel);
  }
  const Image half = Resize(luma.view(), middle.width / 2, middle.height / 2);
  const Image coarse = Resize(half.view(), middle.width, middle.height);
  double sum = 0;
  for (int y = 0; y < middle.height; ++y) {
    const float* row = luma.Row<float>(y);
    const float* shown = coarse.Row<float>(y);
    for (int x = 0; x < middle.width; ++x) sum += std::pow(row[x] - shown[x], 2);
  }
  return std::sqrt(sum / (static_cast<double>(middle.width) * middle.height));
}

}  // namespace gpen::restore
