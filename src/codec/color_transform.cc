#include "codec/color_transform.h"

#include <fmt/format.h>
#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "codec/matrix_shaper.h"

namespace gpen::codec {
namespace {

struct Close {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Profile = std::unique_ptr<void, Close>;
using Transform = std::unique_ptr<void, DeleteTransform>;

/// Relative colorimetric with black point compensation: white stays white, black stays black, and
/// the way back undoes the way there.
Transform Connect(const Profile& from, cmsUInt32Number from_type, const Profile& to,
                  cmsUInt32Number to_type) {
  return Transform(cmsCreateTransform(from.get(), from_type, to.get(), to_type,
                                      INTENT_RELATIVE_COLORIMETRIC,
                                      cmsFLAGS_NOCACHE | cmsFLAGS_BLACKPOINTCOMPENSATION));
}

/// Name and version tell nothing about a profile: colours do. The sRGB profile that most photos
/// carry differs from lcms's own by up to 0.51 of an 8-bit level, at pure green.
bool ChangesNothing(const Transform& to_srgb, int channels) {
  constexpr std::array kLevels = {0.0F, 0.02F, 0.1F, 0.25F, 0.5F, 0.75F, 1.0F};
  float worst = 0;
  for (const float r : kLevels) {
    for (const float g : kLevels) {
      for (const float b : kLevels) {
        const std::array<float, 3> in = channels == 1 ? std::array{r, r, r} : std::array{r, g, b};
        std::array<float, 3> out{};
        cmsDoTransform(to_srgb.get(), in.data(), out.data(), 1);
        for (std::size_t c = 0; c < 3; ++c) worst = std::max(worst, std::abs(out[c] - in[c]));
      }
    }
  }
  return worst < 0.75F / 255;
}

// sRGB without its curve.
Profile LinearSrgb() {
  const cmsCIExyY white = {0.3127, 0.3290, 1.0};
  const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
  cmsToneCurve* line = cmsBuildGamma(nullptr, 1.0);
  const std::array<cmsToneCurve*, 3> curves = {line, line, line};
  Profile profile(cmsCreateRGBProfile(&white, &primaries, curves.data()));
  cmsFreeToneCurve(line);
  return profile;
}

MatrixShaper::Transform OnePixel(const Transform& transform) {
  return [handle = transform.get()](const float* in, float* out) {
    cmsDoTransform(handle, in, out, 1);
  };
}

template <typename T>
void ToFloatRow(const T* source, int width, int channels, int color_channels, float* target) {
  constexpr float kScale = 1.0F / static_cast<float>(std::numeric_limits<T>::max());
  for (int x = 0; x < width; ++x, source += channels) {
    for (int c = 0; c < color_channels; ++c) *target++ = static_cast<float>(source[c]) * kScale;
  }
}

template <>
void ToFloatRow(const float* source, int width, int channels, int color_channels, float* target) {
  for (int x = 0; x < width; ++x, source += channels) {
    target = std::copy_n(source, color_channels, target);
  }
}

/// The colour channels of row `y` as floats in 0..1.
void ReadRow(ImageView pixels, int y, int color_channels, float* target) {
  const int width = pixels.width();
  const int channels = pixels.channels();
  switch (pixels.type()) {
    case SampleType::kU8:
      return ToFloatRow(pixels.Row<std::uint8_t>(y), width, channels, color_channels, target);
    case SampleType::kU16:
      return ToFloatRow(pixels.Row<std::uint16_t>(y), width, channels, color_channels, target);
    case SampleType::kF32:
      return ToFloatRow(pixels.Row<float>(y), width, channels, color_channels, target);
  }
}

}  // namespace

struct ColorTransform::State {
  int color_channels = 3;
  Transform to_srgb;  // Null: sRGB or no profile.
  Transform from_srgb;
  std::optional<MatrixShaper> shaper;  // The same by tables, where the space allows.
};

ColorTransform::ColorTransform(std::unique_ptr<State> state) : state_(std::move(state)) {}
ColorTransform::ColorTransform(ColorTransform&&) noexcept = default;
ColorTransform& ColorTransform::operator=(ColorTransform&&) noexcept = default;
ColorTransform::~ColorTransform() = default;

Result<ColorTransform> ColorTransform::Create(const Photo& photo,
                                              std::vector<std::string>* warnings) {
  auto state = std::make_unique<State>();
  state->color_channels = photo.color_channels();
  const std::vector<std::byte>& icc = photo.metadata.icc;
  if (icc.empty()) return ColorTransform(std::move(state));
  const auto warn = [warnings](std::string_view reason) {
    if (warnings == nullptr) return;
    warnings->push_back(fmt::format("the colour profile {}: the photo is taken as sRGB", reason));
  };
  const Profile profile(
      cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size())));
  if (profile == nullptr) {
    warn("is damaged");
    return ColorTransform(std::move(state));
  }
  const bool gray = state->color_channels == 1;
  if (cmsGetColorSpace(profile.get()) != (gray ? cmsSigGrayData : cmsSigRgbData)) {
    warn(gray ? "is not one for gray pictures" : "is not one for RGB pictures");
    return ColorTransform(std::move(state));
  }
  const Profile srgb(cmsCreate_sRGBProfile());
  const cmsUInt32Number photo_type = gray ? TYPE_GRAY_FLT : TYPE_RGB_FLT;
  Transform to_srgb = Connect(profile, photo_type, srgb, TYPE_RGB_FLT);
  Transform from_srgb = Connect(srgb, TYPE_RGB_FLT, profile, photo_type);
  if (to_srgb == nullptr || from_srgb == nullptr) {
    warn("cannot be used in both directions");
    return ColorTransform(std::move(state));
  }
  if (!ChangesNothing(to_srgb, state->color_channels)) {
    state->to_srgb = std::move(to_srgb);
    state->from_srgb = std::move(from_srgb);
    const Profile linear = LinearSrgb();
    const Transform to_linear = Connect(profile, photo_type, linear, TYPE_RGB_FLT);
    const Transform from_linear = Connect(linear, TYPE_RGB_FLT, profile, photo_type);
    if (to_linear != nullptr && from_linear != nullptr) {
      state->shaper = MatrixShaper::Fit({state->color_channels, OnePixel(state->to_srgb),
                                         OnePixel(state->from_srgb), OnePixel(to_linear),
                                         OnePixel(from_linear)});
    }
  }
  return ColorTransform(std::move(state));
}

bool ColorTransform::is_identity() const { return state_->to_srgb == nullptr; }

Result<Image> ColorTransform::ToSrgb(ImageView photo_pixels) const {
  const int color_channels = state_->color_channels;
  if (photo_pixels.channels() != color_channels && photo_pixels.channels() != color_channels + 1) {
    return Error(ErrorCode::kInternal,
                 fmt::format("expected pixels of {} colour channels, got {} channels",
                             color_channels, photo_pixels.channels()));
  }
  const int width = photo_pixels.width();
  Image result(width, photo_pixels.height(), 3, SampleType::kF32);
  std::vector<float> row(static_cast<std::size_t>(width * color_channels));
  for (int y = 0; y < photo_pixels.height(); ++y) {
    auto* target = result.Row<float>(y);
    if (is_identity() && color_channels == 3) {
      ReadRow(photo_pixels, y, 3, target);
      continue;
    }
    ReadRow(photo_pixels, y, color_channels, row.data());
    if (is_identity()) {
      for (const float gray : row) target = std::fill_n(target, 3, gray);
    } else if (state_->shaper) {
      state_->shaper->ToSrgb(row.data(), width, target);
    } else {
      cmsDoTransform(state_->to_srgb.get(), row.data(), target,
                     static_cast<cmsUInt32Number>(width));
    }
  }
  return result;
}

Result<Image> ColorTransform::FromSrgb(ImageView srgb) const {
  if (srgb.channels() != 3 || srgb.type() != SampleType::kF32) {
    return Error(ErrorCode::kInternal, "expected sRGB pixels as three floats");
  }
  const int color_channels = state_->color_channels;
  Image result(srgb.width(), srgb.height(), color_channels, SampleType::kF32);
  for (int y = 0; y < srgb.height(); ++y) {
    const float* source = srgb.Row<float>(y);
    auto* target = result.Row<float>(y);
    if (state_->shaper) {
      state_->shaper->FromSrgb(source, srgb.width(), target);
    } else if (!is_identity()) {
      cmsDoTransform(state_->from_srgb.get(), source, target,
                     static_cast<cmsUInt32Number>(srgb.width()));
    } else if (color_channels == 3) {
      std::copy_n(source, static_cast<std::size_t>(srgb.width()) * 3, target);
    } else {
      for (int x = 0; x < srgb.width(); ++x, source += 3) {
        target[x] = 0.299F * source[0] + 0.587F * source[1] + 0.114F * source[2];
      }
    }
  }
  return result;
}

}  // namespace gpen::codec
