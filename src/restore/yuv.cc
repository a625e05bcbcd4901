#include "restore/yuv.h"

namespace gpen::restore {

Image LumaOf(ImageView picture) {
  Image luma(picture.width(), picture.height(), 1, SampleType::kF32);
  for (int y = 0; y < picture.height(); ++y) {
    const float* pixel = picture.Row<float>(y);
    float* row = luma.Row<float>(y);
    for (int x = 0; x < picture.width(); ++x, pixel += 3) row[x] = Luma(pixel);
  }
  return luma;
}

}  // namespace gpen::restore
