// Luma and chroma of a pixel of three floats, on whatever scale these are.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// Luma and chroma differences: y = Rec. 601 luma, u = b - y, v = r - y.
struct Yuv {
  float y;
  float u;
  float v;
};

inline float Luma(const float* rgb) { return 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2]; }

inline Yuv ToYuv(const float* rgb) {
  const float y = Luma(rgb);
  return {y, rgb[2] - y, rgb[0] - y};
}

inline void ToRgb(const Yuv& yuv, float* rgb) {
  rgb[0] = yuv.y + yuv.v;
  rgb[2] = yuv.y + yuv.u;
  rgb[1] = yuv.y - (0.299F * yuv.v + 0.114F * yuv.u) / 0.587F;
}

/// kF32 x 1: Luma() of each pixel of `picture`, kF32 x 3.
Image LumaOf(ImageView picture);

}  // namespace gpen::restore
