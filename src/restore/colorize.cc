#include "restore/colorize.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "codec/color_transform.h"
#include "restore/yuv.h"

namespace gpen::restore {
namespace {

constexpr int kStripRows = 256;

// `srgb` into the colours of `target`, and the alpha of `gray` into its alpha.
template <typename Sample>
void Fill(ImageView srgb, ImageView gray, MutableImageView target) {
  constexpr float kMax = std::numeric_limits<Sample>::max();
  const bool has_alpha = gray.channels() == 2;
  for (int y = 0; y < target.height(); ++y) {
    const float* from = srgb.Row<float>(y);
    const Sample* old = gray.Row<Sample>(y);
    Sample* to = target.Row<Sample>(y);
    for (int x = 0; x < target.width(); ++x, from += 3, old += gray.channels()) {
      for (int c = 0; c < 3; ++c) {
        *to++ = static_cast<Sample>(std::clamp(from[c] * kMax, 0.0F, kMax) + 0.5F);
      }
      if (has_alpha) *to++ = old[1];
    }
  }
}

}  // namespace

Result<void> MakeRoomForColors(codec::Photo* photo, std::vector<std::string>* warnings) {
  if (photo->color_channels() == 3) return {};
  GPEN_ASSIGN_OR_RETURN(const auto colors, codec::ColorTransform::Create(*photo, warnings));
  const ImageView gray = photo->pixels.view();
  Image pixels(photo->width(), photo->height(), photo->has_alpha() ? 4 : 3, gray.type());
  for (int top = 0; top < gray.height(); top += kStripRows) {
    const Rect strip = {0, top, gray.width(), std::min(kStripRows, gray.height() - top)};
    const ImageView part = gray.Crop(strip);
    GPEN_ASSIGN_OR_RETURN(const Image srgb, colors.ToSrgb(part));
    const MutableImageView target = pixels.mutable_view().Crop(strip);
    if (gray.type() == SampleType::kU8) {
      Fill<std::uint8_t>(srgb.view(), part, target);
    } else {
      Fill<std::uint16_t>(srgb.view(), part, target);
    }
  }
  photo->pixels = std::move(pixels);
  photo->metadata.icc.clear();
  return {};
}

void RemoveColors(MutableImageView picture) {
  for (int y = 0; y < picture.height(); ++y) {
    float* pixel = picture.Row<float>(y);
    for (int x = 0; x < picture.width(); ++x, pixel += 3) std::fill_n(pixel, 3, Luma(pixel));
  }
}

void KeepLuma(ImageView original, MutableImageView picture) {
  for (int y = 0; y < picture.height(); ++y) {
    const float* before = original.Row<float>(y);
    float* pixel = picture.Row<float>(y);
    for (int x = 0; x < picture.width(); ++x, before += 3, pixel += 3) {
      const float change = Luma(before) - Luma(pixel);
      for (int c = 0; c < 3; ++c) pixel[c] += change;
    }
  }
}

}  // namespace gpen::restore
