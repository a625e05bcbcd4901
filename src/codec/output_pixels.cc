#include "codec/output_pixels.h"

namespace gpen::codec {
namespace {

template <typename T>
void BlendRow(const T* source, int width, int channels, T* target) {
  constexpr std::uint64_t kMost = static_cast<T>(~T{0});
  for (int x = 0; x < width; ++x, source += channels) {
    const std::uint64_t alpha = source[channels - 1];
    for (int c = 0; c < channels - 1; ++c) {
      *target++ = static_cast<T>((source[c] * alpha + kMost * (kMost - alpha) + kMost / 2) / kMost);
    }
  }
}

}  // namespace

Image ToEightBit(ImageView pixels) {
  Image result(pixels.width(), pixels.height(), pixels.channels(), SampleType::kU8);
  const int samples = pixels.width() * pixels.channels();
  for (int y = 0; y < pixels.height(); ++y) {
    const std::uint16_t* source = pixels.Row<std::uint16_t>(y);
    std::uint8_t* target = result.Row<std::uint8_t>(y);
    for (int i = 0; i < samples; ++i) {
      target[i] = static_cast<std::uint8_t>((source[i] + 128U) / 257U);
    }
  }
  return result;
}

Image OverWhite(ImageView pixels) {
  Image result(pixels.width(), pixels.height(), pixels.channels() - 1, pixels.type());
  for (int y = 0; y < pixels.height(); ++y) {
    if (pixels.type() == SampleType::kU8) {
      BlendRow(pixels.Row<std::uint8_t>(y), pixels.width(), pixels.channels(),
               result.Row<std::uint8_t>(y));
    } else {
      BlendRow(pixels.Row<std::uint16_t>(y), pixels.width(), pixels.channels(),
               result.Row<std::uint16_t>(y));
    }
  }
  return result;
}

}  // namespace gpen::codec
