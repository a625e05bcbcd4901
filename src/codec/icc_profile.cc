#include "codec/icc_profile.h"

#include <lcms2.h>

#include <array>
#include <memory>
#include <optional>

namespace gpen::codec {
namespace {

struct Close {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};

std::optional<cmsCIExyYTRIPLE> PrimariesOf(int number) {
  switch (number) {
    case 9:  // BT.2020.
      return cmsCIExyYTRIPLE{{0.708, 0.292, 1}, {0.170, 0.797, 1}, {0.131, 0.046, 1}};
    case 12:  // Display P3.
      return cmsCIExyYTRIPLE{{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::vector<std::byte> ProfileFor(const CodedColors& colors) {
  const auto primaries = PrimariesOf(colors.primaries);
  if (!primaries) return {};
  const cmsCIExyY white = {0.3127, 0.3290, 1.0};
  const std::array<double, 5> srgb = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  const std::unique_ptr<cmsToneCurve, Close> curve(
      cmsBuildParametricToneCurve(nullptr, 4, srgb.data()));
  std::array<cmsToneCurve*, 3> curves = {curve.get(), curve.get(), curve.get()};
  const std::unique_ptr<void, Close> profile(
      cmsCreateRGBProfile(&white, &*primaries, curves.data()));
  cmsUInt32Number size = 0;
  if (profile == nullptr || cmsSaveProfileToMem(profile.get(), nullptr, &size) == 0) return {};
  std::vector<std::byte> bytes(size);
  if (cmsSaveProfileToMem(profile.get(), bytes.data(), &size) == 0) return {};
  return bytes;
}

bool IsHighDynamicRange(const CodedColors& colors) {
  return colors.transfer == 16 || colors.transfer == 18;
}

}  // namespace gpen::codec
