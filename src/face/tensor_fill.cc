#include "face/tensor_fill.h"

#include <cassert>
#include <cstddef>

namespace gpen::face {
namespace {

// Calls sink(pixel_index, r, g, b) for every pixel.
template <typename Sink>
void ForEachRgb(ImageView crop, Sink sink) {
  const int channels = crop.channels();
  const bool gray = channels <= 2;
  std::size_t index = 0;
  for (int y = 0; y < crop.height(); ++y) {
    const float* pixel = crop.Row<float>(y);
    for (int x = 0; x < crop.width(); ++x, pixel += channels, ++index) {
      sink(index, pixel[0], gray ? pixel[0] : pixel[1], gray ? pixel[0] : pixel[2]);
    }
  }
}

std::size_t PixelsOf(ImageView crop) {
  return static_cast<std::size_t>(crop.width()) * static_cast<std::size_t>(crop.height());
}

}  // namespace

void FillPlanarRgb(ImageView crop, float scale, float offset, std::span<float> tensor) {
  const std::size_t plane = PixelsOf(crop);
  assert(tensor.size() == 3 * plane);
  ForEachRgb(crop, [&](std::size_t i, float r, float g, float b) {
    tensor[i] = r * scale + offset;
    tensor[plane + i] = g * scale + offset;
    tensor[2 * plane + i] = b * scale + offset;
  });
}

void FillInterleavedRgb(ImageView crop, float scale, float offset, std::span<float> tensor) {
  assert(tensor.size() == 3 * PixelsOf(crop));
  ForEachRgb(crop, [&](std::size_t i, float r, float g, float b) {
    tensor[3 * i] = r * scale + offset;
    tensor[3 * i + 1] = g * scale + offset;
    tensor[3 * i + 2] = b * scale + offset;
  });
}

void FillGray(ImageView crop, float scale, std::span<float> tensor) {
  assert(tensor.size() == PixelsOf(crop));
  ForEachRgb(crop, [&](std::size_t i, float r, float g, float b) {
    tensor[i] = (0.299F * r + 0.587F * g + 0.114F * b) * scale;
  });
}

}  // namespace gpen::face
