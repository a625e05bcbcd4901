#include "codec/icc_profile.h"

#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include "codec/tone_mapping.h"

namespace gpen::codec {
namespace {

struct Close {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};

std::optional<cmsCIExyYTRIPLE> PrimariesOf(int number) {
  switch (number) {
    case 1:  // BT.709, sRGB's.
      return cmsCIExyYTRIPLE{{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
    case 9:  // BT.2020.
      return cmsCIExyYTRIPLE{{0.708, 0.292, 1}, {0.170, 0.797, 1}, {0.131, 0.046, 1}};
    case 12:  // Display P3.
      return cmsCIExyYTRIPLE{{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
    default:
      return std::nullopt;
  }
}

// What files state for sRGB's curve, which is no power.
constexpr double kSrgbGamma = 2.2;

bool IsSrgbCurve(double gamma) { return std::abs(gamma - kSrgbGamma) < 0.02; }

cmsToneCurve* CurveOf(double gamma) {
  if (!IsSrgbCurve(gamma)) return cmsBuildGamma(nullptr, gamma);
  const std::array<double, 5> srgb = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  return cmsBuildParametricToneCurve(nullptr, 4, srgb.data());
}

cmsToneCurve* BrightCurve(int transfer) {
  std::array<float, 4096> light;
  for (std::size_t i = 0; i < light.size(); ++i) {
    light[i] = static_cast<float>(
        ShownLight(static_cast<double>(i) / static_cast<double>(light.size() - 1), transfer));
  }
  return cmsBuildTabulatedToneCurveFloat(nullptr, static_cast<cmsUInt32Number>(light.size()),
                                         light.data());
}

std::vector<std::byte> BytesOf(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  if (profile == nullptr || cmsSaveProfileToMem(profile, nullptr, &size) == 0) return {};
  std::vector<std::byte> bytes(size);
  if (cmsSaveProfileToMem(profile, bytes.data(), &size) == 0) return {};
  return bytes;
}

}  // namespace

std::vector<std::byte> ProfileFor(const CodedColors& colors) {
  const bool is_bright = IsHighDynamicRange(colors);
  const bool unknown = colors.primaries == 2;
  const auto primaries = PrimariesOf(is_bright && unknown ? 9 : colors.primaries);
  if (!primaries || (colors.primaries == 1 && !is_bright)) return {};
  const cmsCIExyY white = {0.3127, 0.3290, 1.0};
  const std::unique_ptr<cmsToneCurve, Close> curve(is_bright ? BrightCurve(colors.transfer)
                                                             : CurveOf(kSrgbGamma));
  std::array<cmsToneCurve*, 3> curves = {curve.get(), curve.get(), curve.get()};
  const std::unique_ptr<void, Close> profile(
      cmsCreateRGBProfile(&white, &*primaries, curves.data()));
  return BytesOf(profile.get());
}

std::vector<std::byte> ProfileFor(double gamma,
                                  const std::optional<std::array<double, 8>>& chromaticities) {
  constexpr std::array<double, 8> kSrgb = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
  const auto& at = chromaticities ? *chromaticities : kSrgb;
  double farthest = 0;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (!(at[i] > 0 && at[i] <= 1)) return {};
    farthest = std::max(farthest, std::abs(at[i] - kSrgb[i]));
  }
  if (IsSrgbCurve(gamma) && farthest < 0.002) return {};
  const cmsCIExyY white = {at[0], at[1], 1};
  const cmsCIExyYTRIPLE primaries = {{at[2], at[3], 1}, {at[4], at[5], 1}, {at[6], at[7], 1}};
  const std::unique_ptr<cmsToneCurve, Close> curve(CurveOf(gamma));
  std::array<cmsToneCurve*, 3> curves = {curve.get(), curve.get(), curve.get()};
  const std::unique_ptr<void, Close> profile(
      cmsCreateRGBProfile(&white, &primaries, curves.data()));
  return BytesOf(profile.get());
}

std::vector<std::byte> GrayProfile(double gamma) {
  if (IsSrgbCurve(gamma)) return {};
  const std::unique_ptr<cmsToneCurve, Close> curve(CurveOf(gamma));
  const std::unique_ptr<void, Close> profile(cmsCreateGrayProfile(cmsD50_xyY(), curve.get()));
  return BytesOf(profile.get());
}

bool IsHighDynamicRange(const CodedColors& colors) {
  return colors.transfer == 16 || colors.transfer == 18;
}

}  // namespace gpen::codec
