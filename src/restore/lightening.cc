#include "restore/lightening.h"

#include <algorithm>

#include "restore/channel_scale.h"
#include "restore/tone_change.h"
#include "restore/tone_sample.h"

namespace gpen::restore {
namespace {

// Tones on ChannelScale's scale, where even steps look even.
constexpr double kWhite = 0.9;    // Where the lightest of a dark photo would be put,
constexpr double kBend = 0.7;     // were it not bent from here on.
constexpr double kMiddle = 0.36;  // And, as far as the limits go, what half of it is darker than.
constexpr double kLight = 0.65;   // But not so far that the lighter parts become lighter than this:
constexpr double kLightPart = 0.1;  // so much of it is.
constexpr double kMostExposure = 2.2;
constexpr double kMostLift = 3;          // Of the darkest tones, beside that.
constexpr double kMostGain = 4.5;        // Of both: noise becomes as much stronger.
constexpr double kLeastContrast = 0.04;  // Less is no picture: the lens was covered.
constexpr double kLeastGain = 1.04;

// As a longer exposure, and then more light for what is dark than for what is light.
struct Curve {
  double exposure = 1;
  double lift = 0;
  double part = 1;  // Of all of this.

  double operator()(double tone) const {
    const double exposed = Exposed(tone);
    return tone + part * (exposed * (1 + lift) / (1 + lift * exposed) - tone);
  }
  // Bent from kBend on, so that no light is cut off: 1 stays 1.
  double Exposed(double tone) const {
    const double begin = kBend / exposure;
    if (tone <= begin) return exposure * tone;
    const double along = (tone - begin) / (1 - begin);
    const double bend = exposure * (1 - begin) / (1 - kBend);
    return kBend + (1 - kBend) * along * bend / (1 + (bend - 1) * along);
  }
  double Gain() const { return 1 + part * (exposure * (1 + lift) - 1); }
};

// The lift that takes `tone` to `aim`; none where it is there already.
double LiftTo(double aim, double tone) {
  const double from = std::clamp(tone, 0.01, 0.99);
  return from >= aim ? 0 : (aim - from) / (from * (1 - aim));
}

Curve FindCurve(const Image& sample, double white) {
  Curve curve;
  // A dark photo without one light spot was exposed too little.
  curve.exposure = std::clamp(kWhite / std::max(white, 0.01), 1.0, kMostExposure);
  // What is dark may be a dark coat beside a face: that must not become as light as snow.
  const double wanted =
      std::min(LiftTo(kMiddle, curve.Exposed(LumaQuantile(sample, 0.5))),
               LiftTo(kLight, curve.Exposed(LumaQuantile(sample, 1 - kLightPart))));
  const double most = std::max(0.0, kMostGain / curve.exposure - 1);
  curve.lift = std::min({wanted, kMostLift - 1, most});
  return curve;
}

}  // namespace

Result<Lightened> Lighten(int percent, int threads, std::stop_token stop, codec::Photo* photo) {
  Lightened lightened{.percent = percent};
  if (percent == 0) return lightened;
  GPEN_ASSIGN_OR_RETURN(const auto scale, ChannelScale::Of(*photo));
  const Image sample = SampleTones(photo->pixels.view(), scale);
  if (sample.empty()) return lightened;
  const TonalRange range = FindRange(sample);
  if (range.white_luma - range.black_luma < kLeastContrast) return lightened;
  Curve curve = FindCurve(sample, range.white_luma);
  curve.part = percent / 100.0;
  if (curve.Gain() < kLeastGain) return lightened;
  lightened.gain = curve.Gain();
  GPEN_TRY(
      ChangeLuma(curve, ChromaChange::kScaled, scale, threads, stop, photo->pixels.mutable_view()));
  return lightened;
}

}  // namespace gpen::restore
