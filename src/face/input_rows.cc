#include "face/input_rows.h"

#include <limits>
#include <type_traits>

namespace gpen::face {
namespace {

// Calls sink(x, r, g, b) for every pixel of a row.
template <typename Sample, typename Sink>
void ForEachRgb(ImageView picture, int y, Sink sink) {
  const int channels = picture.channels();
  const int green = channels <= 2 ? 0 : 1;
  const int blue = channels <= 2 ? 0 : 2;
  const Sample* pixel = picture.Row<Sample>(y);
  for (int x = 0; x < picture.width(); ++x, pixel += channels) {
    sink(x, static_cast<float>(pixel[0]), static_cast<float>(pixel[green]),
         static_cast<float>(pixel[blue]));
  }
}

// Calls work(sample, unit): a value of the picture's type, and what 1 is in it.
template <typename Work>
void ForType(SampleType type, Work work) {
  switch (type) {
    case SampleType::kU8:
      return work(std::uint8_t{}, std::numeric_limits<std::uint8_t>::max());
    case SampleType::kU16:
      return work(std::uint16_t{}, std::numeric_limits<std::uint16_t>::max());
    case SampleType::kF32:
      return work(float{}, 1.0F);
  }
}

}  // namespace

void FillRgbRow(ImageView picture, int y, float scale, float offset, float* row) {
  ForType(picture.type(), [&](auto sample, auto unit) {
    const float factor = scale / static_cast<float>(unit);
    ForEachRgb<decltype(sample)>(picture, y, [=](int x, float r, float g, float b) {
      row[3 * x] = r * factor + offset;
      row[3 * x + 1] = g * factor + offset;
      row[3 * x + 2] = b * factor + offset;
    });
  });
}

void FillGrayRow(ImageView picture, int y, float scale, float* row) {
  ForType(picture.type(), [&](auto sample, auto unit) {
    const float factor = scale / static_cast<float>(unit);
    ForEachRgb<decltype(sample)>(picture, y, [=](int x, float r, float g, float b) {
      row[x] = (0.299F * r + 0.587F * g + 0.114F * b) * factor;
    });
  });
}

}  // namespace gpen::face
