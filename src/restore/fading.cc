#include "restore/fading.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "image/smooth_step.h"
#include "restore/channel_scale.h"
#include "restore/tint.h"
#include "restore/tone_change.h"
#include "restore/tone_sample.h"
#include "restore/yuv.h"

namespace gpen::restore {
namespace {

// Where black and white are put. A print's black is not 0, and its paper leaves room for lights.
constexpr double kBlack = 0.03;
constexpr double kWhite = 0.96;

// Limits, so that what only looks faded is not ruined: mist, snow, dusk, a tinted picture.
constexpr double kMostBlack = 0.3;       // Deeper than this no black is taken down.
constexpr double kMostBlackTint = 0.12;  // And no channel by so much more than the others.
constexpr double kLeastWhite = 0.75;     // Dimmer than this no paper is, only a dark picture.
constexpr double kMostWhiteTint = 0.6;   // The most that paper has yellowed.
constexpr double kMostLightTint = 0.83;  // The most of a light's colour that is taken away.
constexpr double kMostSlope = 2.2;
constexpr double kMostPower = 3;
constexpr double kMostDyes = 0.6;
constexpr double kMiddle = 0.45;  // Where half of a picture is darker: nothing is made darker.
constexpr double kMostGamma = 1.3;
constexpr double kMostGammaOfLight = 1.1;  // Where it may be a light, and no fading.
constexpr double kLeastContrast = 0.1;     // Less is no picture.
constexpr double kLeastChange = 1.5 / 255;

// Takes a channel's black and white to where they belong, then bends what lies between.
struct Curve {
  double slope = 1;
  double offset = 0;
  double gain = 1;  // As dyes go: a factor and a power, which leave the ends where those two do.
  double power = 1;
  double dyes = 0;  // How much of it went so: 0 to 1.
  double gamma = 1;
  double part = 1;  // Of all of this.

  double operator()(double tone) const {
    const double evenly = slope * tone + offset;
    const double as_dyes = dyes > 0 ? std::pow(std::max(gain * tone, 0.0), power) : 0;
    const double stretched = std::clamp(std::lerp(evenly, as_dyes, dyes), 0.0, 1.0);
    const double bent = gamma == 1 ? stretched : std::pow(stretched, gamma);
    return std::lerp(tone, bent, part);
  }
};
using Curves = std::array<Curve, 3>;

Curve Between(double black, double white) {
  const double to_black = std::min(black, kBlack);
  const double to_white = std::max(white, kWhite);
  Curve curve;
  curve.slope = std::min((to_white - to_black) / std::max(white - black, 0.01), kMostSlope);
  curve.offset = to_black - curve.slope * black;
  // Density is the logarithm of light: what is left of it is a part of what there was.
  const double least = 1.0 / 255;
  const double left = std::log(std::max(white, least) / std::max(black, least));
  const double was = std::log(to_white / std::max(to_black, least));
  curve.power = std::clamp(was / std::max(left, 0.01), 1.0, kMostPower);
  curve.gain = std::pow(to_white, 1 / curve.power) / std::max(white, least);
  return curve;
}

// Whether the photo has lost its black, and its lightest can be paper, which is light and of little
// colour: 0 to 1. A picture that was only taken so, dusk or a lawn, has neither.
double Evidence(const TonalRange& range) {
  const double purity = std::ranges::min(range.white) / std::ranges::max(range.white);
  return SmoothStep(0.04, 0.14, range.black_luma) *
         SmoothStep(0.45, kLeastWhite, range.white_luma) * SmoothStep(0.35, kMostWhiteTint, purity);
}

// How much black may be taken from one whose darkest is `black`: less and less of what is as light
// all over as snow, and half where white is as white as on the first day: the ground of a picture.
double BlackTaken(double black, const TonalRange& range) {
  const double believed = (1 - SmoothStep(0.4, 0.65, black)) *
                          (1 - 0.5 * SmoothStep(0.93, 0.99, std::ranges::min(range.white)));
  return std::min(black, kMostBlack) * believed + (1 - believed) * std::min(black, kBlack);
}

// The lightest of the picture as it counts: a dark one is hardly made light.
double WhiteTaken(double white, double evidence) {
  if (white >= kWhite) return white;
  const double gain = kWhite / std::max(white, kLeastWhite);
  const double believed = SmoothStep(0.35, kLeastWhite, white) * (0.35 + 0.65 * evidence);
  return kWhite / std::pow(gain, believed);
}

Curves StretchCurves(const TonalRange& range, const Rgb& cast) {
  const double evidence = Evidence(range);
  const double least_black = std::ranges::min(range.black);
  const double most_white = std::ranges::max(range.white);
  const double most_cast = std::ranges::max(cast);
  // Dyes that go at different rates colour black too; a face that fills the picture does not.
  const double spread = std::ranges::max(range.black) - least_black;
  const double tinted = evidence * std::lerp(0.4, 1.0, SmoothStep(0.02, 0.06, spread));
  const double common = WhiteTaken(most_white, evidence) / most_white;
  Curves curves;
  for (std::size_t c = 0; c < 3; ++c) {
    const double black = BlackTaken(std::min(range.black[c], least_black + kMostBlackTint), range);
    // As the paper has yellowed where blacks say so too, else as a light over all of the picture.
    const double yellowed = std::max(range.white[c] / most_white, kMostWhiteTint);
    const double lit = std::max({range.white[c] / most_white, cast[c] / most_cast, kMostLightTint});
    curves[c] = Between(black, most_white * common * std::lerp(lit, yellowed, tinted));
  }
  return curves;
}

Image Applied(const Image& sample, const Curves& curves) {
  Image changed(sample.width(), 1, 3, SampleType::kF32);
  const auto* from = sample.Row<float>(0);
  auto* to = changed.Row<float>(0);
  for (int i = 0; i < 3 * sample.width(); ++i) {
    to[i] = static_cast<float>(curves[static_cast<std::size_t>(i % 3)](from[i]));
  }
  return changed;
}

// Whether light was spread evenly over the print or its dyes have gone, its ends do not tell. Dyes
// leave the middle too light, so they are what it was as far as the middle is.
void BendToMiddle(const Image& sample, double evidence, Curves* curves) {
  const double evenly = LumaQuantile(Applied(sample, *curves), 0.5);
  if (evenly <= kMiddle) return;
  for (auto& curve : *curves) curve.dyes = 1;
  const double as_dyes = LumaQuantile(Applied(sample, *curves), 0.5);
  const double dyes = (evenly - kMiddle) / std::max(evenly - as_dyes, 1e-6);
  // What is far lighter than that is snow, or a child on white.
  const double believed = evidence * (1 - SmoothStep(0.6, 0.8, evenly));
  for (auto& curve : *curves) curve.dyes = believed * std::clamp(dyes, 0.0, kMostDyes);
}

// Black and white are neutral now: what all of the middle still has of a colour is bent away.
void BendCasts(const Image& sample, double evidence, Curves* curves) {
  const double most = std::lerp(kMostGammaOfLight, kMostGamma, evidence);
  const Rgb cast = FindCast(Applied(sample, *curves));
  for (std::size_t c = 0; c < 3; ++c) {
    const double gamma = std::log(0.5) / std::log(std::clamp(0.5 * cast[c], 0.1, 0.9));
    (*curves)[c].gamma = std::clamp(gamma, 1 / most, most);
  }
}

// Of a photo of one tone all channels are moved by what its luma is.
Curve LumaCurve(const TonalRange& range) {
  const double white = WhiteTaken(range.white_luma, Evidence(range));
  return Between(BlackTaken(range.black_luma, range), white);
}

bool ChangesMuch(const Curve& curve) {
  for (double tone = 0; tone <= 1; tone += 1.0 / 64) {
    if (std::abs(curve(tone) - tone) > kLeastChange) return true;
  }
  return false;
}

// Whether the sample is of one tone: brown, yellow, blue. Nobody toned prints red: what is so has
// lost its other dyes.
bool IsToned(const Image& sample) {
  constexpr double kLargestMeanError = 2.0 / 255;
  constexpr double kLeastChroma = 4.0 / 255;
  double blue = 0;
  double red = 0;
  const auto* pixel = sample.Row<float>(0);
  for (int x = 0; x < sample.width(); ++x, pixel += 3) {
    const Yuv color = ToYuv(pixel);
    blue += color.u;
    red += color.v;
  }
  blue /= sample.width();
  red /= sample.width();
  if (std::abs(red) + std::abs(blue) < 2 * kLeastChroma || red > std::abs(blue)) return false;
  return FindTint(sample.view(), kLargestMeanError).has_value();
}

using Tables = std::array<std::vector<std::uint16_t>, 3>;

template <typename Sample>
void LookUp(const Tables& tables, int color_channels, MutableImageView strip) {
  for (int y = 0; y < strip.height(); ++y) {
    auto* sample = strip.Row<Sample>(y);
    for (int x = 0; x < strip.width(); ++x, sample += strip.channels()) {
      for (int c = 0; c < color_channels; ++c) {
        sample[c] = static_cast<Sample>(tables[static_cast<std::size_t>(c)][sample[c]]);
      }
    }
  }
}

Result<void> ApplyCurves(const Curves& curves, const ChannelScale& scale, int threads,
                         std::stop_token stop, MutableImageView pixels) {
  Tables tables;
  for (int c = 0; c < scale.channels(); ++c) {
    tables[static_cast<std::size_t>(c)] = scale.Table(c, curves[static_cast<std::size_t>(c)]);
  }
  return ForEachRowStrip(pixels, threads, stop, [&](MutableImageView strip) {
    strip.type() == SampleType::kU8 ? LookUp<std::uint8_t>(tables, scale.channels(), strip)
                                    : LookUp<std::uint16_t>(tables, scale.channels(), strip);
  });
}

}  // namespace

Result<MendedFading> MendFading(const RestoreOptions& options, int threads, std::stop_token stop,
                                codec::Photo* photo) {
  MendedFading mended{.percent = options.fading, .sepia = options.sepia};
  GPEN_ASSIGN_OR_RETURN(const auto scale, ChannelScale::Of(*photo));
  const Image sample = SampleTones(photo->pixels.view(), scale);
  if (sample.empty()) return mended;
  const TonalRange range = FindRange(sample);
  mended.black = range.black;
  mended.white = range.white;
  if (range.white_luma - range.black_luma < kLeastContrast) return mended;
  mended.one_tone = scale.channels() == 3 && IsToned(sample);
  const double part = options.fading / 100.0;
  if (mended.one_tone) {
    Curves same;
    same.fill(LumaCurve(range));
    BendToMiddle(sample, Evidence(range), &same);
    Curve curve = same[0];
    curve.part = part;
    const bool keeps_chroma = options.sepia == Sepia::kKeep;
    mended.changed = !keeps_chroma || ChangesMuch(curve);
    if (!mended.changed) return mended;
    const auto chroma = keeps_chroma ? ChromaChange::kKept : ChromaChange::kDropped;
    GPEN_TRY(ChangeLuma(curve, chroma, scale, threads, stop, photo->pixels.mutable_view()));
    return mended;
  }
  Curves curves = StretchCurves(range, FindCast(sample));
  BendToMiddle(sample, Evidence(range), &curves);
  BendCasts(sample, Evidence(range), &curves);
  for (auto& curve : curves) curve.part = part;
  mended.changed = std::ranges::any_of(curves, ChangesMuch);
  if (!mended.changed) return mended;
  GPEN_TRY(ApplyCurves(curves, scale, threads, stop, photo->pixels.mutable_view()));
  return mended;
}

}  // namespace gpen::restore
