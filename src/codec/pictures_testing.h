// Pictures that tests draw, and ways to compare them. For tests only.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "codec/photo.h"

namespace gpen::codec {

/// Smooth colour gradients with a soft bright disc off the centre: looks different in every
/// orientation and compresses like a photo. Alpha is opaque but for a half-transparent band.
template <typename T>
Image DrawPicture(int width, int height, int channels) {
  constexpr auto kMost = static_cast<double>(std::numeric_limits<T>::max());
  Image image(width, height, channels, kSampleTypeOf<T>);
  const int color_channels = channels <= 2 ? 1 : 3;
  for (int y = 0; y < height; ++y) {
    T* row = image.Row<T>(y);
    for (int x = 0; x < width; ++x) {
      const double across = static_cast<double>(x) / std::max(width - 1, 1);
      const double down = static_cast<double>(y) / std::max(height - 1, 1);
      const double disc = std::clamp((0.25 - std::hypot(across - 0.3, down - 0.3)) / 0.2, 0.0, 1.0);
      const double colors[3] = {std::lerp(across, 0.9, disc), std::lerp(down * 0.8, 0.8, disc),
                                std::lerp(0.2 + 0.5 * across * down, 0.1, disc)};
      for (int c = 0; c < color_channels; ++c) *row++ = static_cast<T>(colors[c] * kMost + 0.5);
      if (channels % 2 == 0) *row++ = static_cast<T>(y > height * 3 / 4 ? kMost / 2 : kMost);
    }
  }
  return image;
}

inline Photo MakePhoto(Image pixels, Format format) {
  Photo photo;
  photo.info.format = format;
  photo.info.width = pixels.width();
  photo.info.height = pixels.height();
  photo.info.bits_per_sample = pixels.type() == SampleType::kU16 ? 16 : 8;
  photo.info.has_alpha = pixels.channels() % 2 == 0;
  photo.info.lossless = format == Format::kPng || format == Format::kTiff;
  photo.pixels = std::move(pixels);
  return photo;
}

inline bool SamePixels(const Image& a, const Image& b) {
  return a.width() == b.width() && a.height() == b.height() && a.channels() == b.channels() &&
         a.type() == b.type() && std::memcmp(a.view().data(), b.view().data(), a.size_bytes()) == 0;
}

/// Peak signal-to-noise ratio in dB; 0 where size, channels or type differ.
inline double Psnr(const Image& a, const Image& b) {
  if (a.width() != b.width() || a.height() != b.height() || a.channels() != b.channels() ||
      a.type() != b.type())
    return 0;
  double sum = 0;
  const int samples = a.width() * a.channels();
  const double most = a.type() == SampleType::kU8 ? 255 : 65535;
  for (int y = 0; y < a.height(); ++y) {
    for (int i = 0; i < samples; ++i) {
      const double difference = a.type() == SampleType::kU8
                                    ? a.Row<std::uint8_t>(y)[i] - b.Row<std::uint8_t>(y)[i]
                                    : a.Row<std::uint16_t>(y)[i] - b.Row<std::uint16_t>(y)[i];
      sum += difference * difference;
    }
  }
  const double mean = sum / (static_cast<double>(samples) * a.height());
  return mean == 0 ? 100 : 10 * std::log10(most * most / mean);
}

}  // namespace gpen::codec
