#include "codec/tone_mapping.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace gpen::codec {
namespace {

constexpr int kPq = 16;
// BT.2408: the light of white paper, in candela per square metre; 1 in what follows.
constexpr double kPaperWhite = 203;
// The brightest light that is told from others: 1000 candela per square metre.
constexpr double kPeak = 1000 / kPaperWhite;
// Up to here tones stay as they are.
constexpr double kKnee = 0.6;

// SMPTE ST 2084: a signal in 0..1 as light.
double FromPq(double signal) {
  constexpr double kM1 = 2610.0 / 16384;
  constexpr double kM2 = 2523.0 / 4096 * 128;
  constexpr double kC1 = 3424.0 / 4096;
  constexpr double kC2 = 2413.0 / 4096 * 32;
  constexpr double kC3 = 2392.0 / 4096 * 32;
  const double power = std::pow(signal, 1 / kM2);
  return std::pow(std::max(power - kC1, 0.0) / (kC2 - kC3 * power), 1 / kM1) * 10'000 / kPaperWhite;
}

// BT.2100: a signal in 0..1 as the light of the scene in 0..1.
double FromHlg(double signal) {
  constexpr double kA = 0.17883277;
  constexpr double kB = 0.28466892;
  constexpr double kC = 0.55991073;
  return signal <= 0.5 ? signal * signal / 3 : (std::exp((signal - kC) / kA) + kB) / 12;
}

double ToSrgbCurve(double light) {
  return light <= 0.0031308 ? 12.92 * light : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
}

// Light above the knee is pressed together so that the peak becomes white, without a bend.
double Compressed(double light) {
  if (light <= kKnee) return light;
  constexpr double kBend = (kPeak - kKnee) / (1 - kKnee) - 1;
  const double part = std::min((light - kKnee) / (kPeak - kKnee), 1.0);
  return kKnee + (1 - kKnee) * part * (1 + kBend) / (1 + kBend * part);
}

using Matrix = std::array<std::array<float, 3>, 3>;

// To the primaries of BT.709, which are sRGB's, from those of BT.2020 and of Display P3.
constexpr Matrix kFromBt2020 = {{{1.660491F, -0.587641F, -0.072850F},
                                 {-0.124550F, 1.132900F, -0.008349F},
                                 {-0.018151F, -0.100579F, 1.118730F}}};
constexpr Matrix kFromDisplayP3 = {
    {{1.224940F, -0.224940F, 0}, {-0.042057F, 1.042057F, 0}, {-0.019638F, -0.078636F, 1.098274F}}};
constexpr Matrix kFromBt709 = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

const Matrix& MatrixFrom(int primaries) {
  return primaries == 1 ? kFromBt709 : primaries == 12 ? kFromDisplayP3 : kFromBt2020;
}

// What is computed once: curves as tables, so that a pixel costs no power function.
struct Curves {
  static constexpr int kSteps = 4096;
  std::vector<float> light;  // Of each value of a sample.
  std::vector<float> srgb;   // Of light 0..1 in kSteps steps.
  std::vector<float> scale;  // By which light of a brightness is multiplied, up to kPeak.
  bool hlg = false;

  Curves(std::size_t values, int transfer) : hlg(transfer != kPq) {
    light.reserve(values);
    for (std::size_t i = 0; i < values; ++i) {
      const double signal = static_cast<double>(i) / static_cast<double>(values - 1);
      light.push_back(static_cast<float>(hlg ? FromHlg(signal) : FromPq(signal)));
    }
    for (int i = 0; i <= kSteps; ++i) {
      // The tables are finer where it is dark.
      const double root = static_cast<double>(i) / kSteps;
      srgb.push_back(static_cast<float>(ToSrgbCurve(root * root)));
      const double brightness = root * root * kPeak;
      scale.push_back(static_cast<float>(brightness > 0 ? Compressed(brightness) / brightness : 1));
    }
  }

  static std::size_t StepOf(float part) {
    return static_cast<std::size_t>(std::sqrt(std::clamp(part, 0.0F, 1.0F)) * kSteps + 0.5F);
  }
};

template <typename T>
void MapRow(const T* source, int width, int channels, const Curves& curves, const Matrix& matrix,
            T* target) {
  constexpr auto kMost = static_cast<float>(std::numeric_limits<T>::max());
  for (int x = 0; x < width; ++x, source += channels, target += channels) {
    std::array<float, 3> light;
    for (std::size_t c = 0; c < 3; ++c) light[c] = curves.light[source[c]];
    if (curves.hlg) {
      // BT.2100's display: brighter parts get brighter still, by their luminance.
      const float luminance = 0.2627F * light[0] + 0.6780F * light[1] + 0.0593F * light[2];
      const float gain = static_cast<float>(kPeak) * std::pow(std::max(luminance, 1e-6F), 0.2F);
      for (float& value : light) value *= gain;
    }
    // By the brightest channel, so that hues stay.
    const float brightest = std::max({light[0], light[1], light[2]});
    const float scale = curves.scale[Curves::StepOf(brightest / static_cast<float>(kPeak))];
    const float pressed = brightest > static_cast<float>(kPeak) ? 1 / brightest : scale;
    for (std::size_t c = 0; c < 3; ++c) {
      const float value =
          pressed * (matrix[c][0] * light[0] + matrix[c][1] * light[1] + matrix[c][2] * light[2]);
      target[c] = static_cast<T>(curves.srgb[Curves::StepOf(value)] * kMost + 0.5F);
    }
    if (channels == 4) target[3] = source[3];
  }
}

}  // namespace

double ShownLight(double signal, int transfer) {
  if (transfer == kPq) return Compressed(FromPq(signal));
  return Compressed(kPeak * std::pow(FromHlg(signal), 1.2));
}

Image ToneMapped(ImageView pixels, const CodedColors& coded) {
  const bool wide = pixels.type() == SampleType::kU16;
  const Curves curves(wide ? 65'536 : 256, coded.transfer);
  const Matrix& matrix = MatrixFrom(coded.primaries);
  Image result(pixels.width(), pixels.height(), pixels.channels(), pixels.type());
  for (int y = 0; y < pixels.height(); ++y) {
    if (wide) {
      MapRow(pixels.Row<std::uint16_t>(y), pixels.width(), pixels.channels(), curves, matrix,
             result.Row<std::uint16_t>(y));
    } else {
      MapRow(pixels.Row<std::uint8_t>(y), pixels.width(), pixels.channels(), curves, matrix,
             result.Row<std::uint8_t>(y));
    }
  }
  return result;
}

}  // namespace gpen::codec
