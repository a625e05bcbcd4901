#include "restore/red_eyes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "restore/mask_place.h"
#include "restore/median.h"
#include "restore/repair_mask.h"

namespace gpen::restore {
namespace {

// Of the 68 landmarks, an eye's begin with its outer or inner corner; the fourth is the other one.
constexpr std::size_t kEyes[] = {36, 42};
constexpr std::size_t kPointsOfEye = 6;
constexpr std::size_t kOtherCorner = 3;

// All 28 red eyes of 13 photos meet this by far, and of 446 other faces one, whose eye is red.
// Lengths are parts of the eye's width.
constexpr double kLeastWidth = 8;     // Pixels.
constexpr float kLeastRed = 40;       // Levels of 255 above green and blue,
constexpr float kLeastShare = 0.45F;  // and as a part of the red itself.
constexpr float kMostHue = 12;        // Degrees: skin and brown eyes lie at 15 to 30.
constexpr float kSoftHue = 8;         // Degrees beyond it over which less is changed.
constexpr double kHalfHeight = 0.3;   // Of what belongs to an eye, from its middle.
constexpr double kHalfLength = 0.55;
constexpr double kLeastArea = 0.012;  // Parts of the width squared.
constexpr double kMostArea = 0.25;
constexpr double kMostSide = 0.65;
constexpr double kRound = 0.55;   // The shorter side of its box, of the longer one,
constexpr double kFilled = 0.45;  // and its part of the box.
constexpr double kOffAlong = 0.28;
constexpr double kOffAcross = 0.2;
constexpr float kRedder = 20;  // Levels than what lies about it,
constexpr float kRedderShare = 0.2F;
// A coloured lens leaves the pupil in its middle dark: so much of it, and so dark.
constexpr double kMiddle = 0.35;
constexpr double kMostDark = 0.5;
constexpr float kDarker = 0.6F;
constexpr double kWider = 1.25;  // Than a disc of its area: where its glow ends.
constexpr double kRing = 0.15;   // How wide what lies about it is.
// By how much more of a pixel is red than about it: what is changed a little, and wholly.
constexpr float kTouched = 0.08F;
constexpr float kChanged = 0.28F;
constexpr float kDark = 0.75F;  // A pupil's brightness, of the light that is not red.

struct Eye {
  Point middle;
  double width;
  Point along;  // Of length 1.
};

struct Color {
  float red;
  float green;
  float blue;

  float Excess() const { return red - std::max(green, blue); }
  float Share() const { return Excess() / std::max(red, 1.0F); }
  float Hue() const { return 60 * (green - blue) / std::max(red - std::min(green, blue), 1.0F); }
};

struct Disc {
  double x;
  double y;
  double radius;

  double Beyond(int at_x, int at_y) const { return std::hypot(at_x - x, at_y - y) - radius; }
};

Eye EyeOf(std::span<const Point> points) {
  Eye eye = {};
  for (const auto& point : points) {
    eye.middle.x += point.x / static_cast<double>(points.size());
    eye.middle.y += point.y / static_cast<double>(points.size());
  }
  const double x = points[kOtherCorner].x - points[0].x;
  const double y = points[kOtherCorner].y - points[0].y;
  eye.width = std::hypot(x, y);
  if (eye.width > 0) eye.along = {x / eye.width, y / eye.width};
  return eye;
}

// The part of a photo about one eye. Pixels are counted from its own corner.
template <typename Sample>
class EyePart {
 public:
  EyePart(const Eye& eye, MutableImageView photo) : eye_(eye) {
    const auto reach = static_cast<int>(std::ceil(0.75 * eye.width)) + 1;
    const Rect area = Intersect(
        {static_cast<int>(std::lround(eye.middle.x)) - reach,
         static_cast<int>(std::lround(eye.middle.y)) - reach, 2 * reach + 1, 2 * reach + 1},
        photo.bounds());
    if (area.empty()) return;
    eye_.middle.x -= area.left;
    eye_.middle.y -= area.top;
    part_ = photo.Crop(area);
  }

  // Whether its pupil was red.
  bool Correct() {
    if (part_.width() == 0) return false;
    const auto disc = FindPupil();
    if (!disc) return false;
    if (HasDarkMiddle(*disc)) return false;
    std::vector<float> excess;
    std::vector<float> share;
    std::vector<float> excess_about;
    std::vector<float> share_about;
    for (int y = 0; y < part_.height(); ++y) {
      for (int x = 0; x < part_.width(); ++x) {
        const double beyond = disc->Beyond(x, y);
        const Color color = At(x, y);
        if (beyond <= 0 && IsRed(color)) {
          excess.push_back(color.Excess());
          share.push_back(color.Share());
        } else if (beyond > 1 && beyond <= 1 + kRing * eye_.width) {
          excess_about.push_back(color.Excess());
          share_about.push_back(color.Share());
        }
      }
    }
    const float about = Median(&share_about);
    if (Median(&excess) < Median(&excess_about) + kRedder) return false;
    if (Median(&share) < about + kRedderShare) return false;
    Darken(*disc, std::max(about, 0.0F));
    return true;
  }

 private:
  static constexpr bool kIsFloat = std::is_same_v<Sample, float>;
  static constexpr float kUnit =
      (kIsFloat ? 1 : static_cast<float>(std::numeric_limits<Sample>::max())) / 255;

  Color At(int x, int y) const {
    const Sample* sample = part_.template Row<Sample>(y) + std::ptrdiff_t{x} * part_.channels();
    return {sample[0] / kUnit, sample[1] / kUnit, sample[2] / kUnit};
  }

  static bool IsRed(const Color& color) {
    return color.Excess() > kLeastRed && color.Share() > kLeastShare && color.Hue() < kMostHue;
  }

  // In parts of the eye's width from its middle.
  double Along(double x, double y) const {
    return ((x - eye_.middle.x) * eye_.along.x + (y - eye_.middle.y) * eye_.along.y) / eye_.width;
  }
  double Across(double x, double y) const {
    return ((y - eye_.middle.y) * eye_.along.x - (x - eye_.middle.x) * eye_.along.y) / eye_.width;
  }

  bool IsRedInEye(int x, int y) const {
    return std::abs(Along(x, y)) <= kHalfLength && std::abs(Across(x, y)) <= kHalfHeight &&
           IsRed(At(x, y));
  }

  // The largest red spot, where it has a pupil's size, form and place.
  std::optional<Disc> FindPupil() const {
    Image seen = EmptyMask(part_.width(), part_.height());
    const auto takes = [&](const Pixel& pixel) {
      auto& noted = seen.Row<std::uint8_t>(pixel.y)[pixel.x];
      if (noted != 0 || !IsRedInEye(pixel.x, pixel.y)) return false;
      noted = 1;
      return true;
    };
    std::vector<Pixel> spot;
    std::vector<Pixel> largest;
    for (int y = 0; y < part_.height(); ++y) {
      for (int x = 0; x < part_.width(); ++x) {
        if (!takes({x, y})) continue;
        TakePlace(part_.width(), part_.height(), {x, y}, takes, &spot);
        if (spot.size() > largest.size()) largest = spot;
      }
    }
    return PupilOf(largest);
  }

  std::optional<Disc> PupilOf(const std::vector<Pixel>& spot) const {
    const auto area = static_cast<double>(spot.size());
    const double square = eye_.width * eye_.width;
    if (area < kLeastArea * square || area > kMostArea * square || spot.size() < 3) {
      return std::nullopt;
    }
    const auto [left, right] = std::ranges::minmax(spot, {}, &Pixel::x);
    const auto [top, bottom] = std::ranges::minmax(spot, {}, &Pixel::y);
    const double width = right.x - left.x + 1;
    const double height = bottom.y - top.y + 1;
    const double longer = std::max(width, height);
    if (longer > kMostSide * eye_.width || std::min(width, height) < kRound * longer ||
        area < kFilled * width * height) {
      return std::nullopt;
    }
    double x = 0;
    double y = 0;
    for (const Pixel& pixel : spot) {
      x += pixel.x / area;
      y += pixel.y / area;
    }
    if (std::abs(Along(x, y)) > kOffAlong || std::abs(Across(x, y)) > kOffAcross) {
      return std::nullopt;
    }
    return Disc{x, y, kWider * std::sqrt(area / std::numbers::pi)};
  }

  bool HasDarkMiddle(const Disc& disc) const {
    float reddest = 0;
    std::vector<float> middle;
    for (int y = 0; y < part_.height(); ++y) {
      for (int x = 0; x < part_.width(); ++x) {
        const double beyond = disc.Beyond(x, y);
        const Color color = At(x, y);
        if (beyond <= 0 && IsRed(color)) reddest = std::max(reddest, color.red);
        if (beyond <= (kMiddle - 1) * disc.radius) {
          middle.push_back(IsRed(color) ? std::numeric_limits<float>::infinity() : color.red);
        }
      }
    }
    const auto dark =
        std::ranges::count_if(middle, [&](float red) { return red < kDarker * reddest; });
    return static_cast<double>(dark) > kMostDark * static_cast<double>(middle.size());
  }

  // The more the redder it is than the share `about`; less at the rim of its glow.
  void Darken(const Disc& disc, float about) {
    const double rim = 1 + 0.1 * eye_.width;
    for (int y = 0; y < part_.height(); ++y) {
      for (int x = 0; x < part_.width(); ++x) {
        const auto inside = static_cast<float>(std::clamp(1 - disc.Beyond(x, y) / rim, 0.0, 1.0));
        const Color color = At(x, y);
        const float redder = (color.Share() - about - kTouched) / (kChanged - kTouched);
        const float in_hue = (kMostHue + kSoftHue - color.Hue()) / kSoftHue;
        const float part = inside * std::clamp(redder, 0.0F, 1.0F) * std::clamp(in_hue, 0.0F, 1.0F);
        if (part == 0) continue;
        const float dark = kDark * std::min(color.green, color.blue) * kUnit;
        Sample* sample = part_.template Row<Sample>(y) + std::ptrdiff_t{x} * part_.channels();
        for (int c = 0; c < 3; ++c) {
          const float value = std::lerp(static_cast<float>(sample[c]), dark, part);
          sample[c] = static_cast<Sample>(kIsFloat ? value : std::round(value));
        }
      }
    }
  }

  Eye eye_;
  MutableImageView part_;
};

bool CorrectEye(const Eye& eye, MutableImageView photo) {
  if (eye.width < kLeastWidth) return false;
  switch (photo.type()) {
    case SampleType::kU8:
      return EyePart<std::uint8_t>(eye, photo).Correct();
    case SampleType::kU16:
      return EyePart<std::uint16_t>(eye, photo).Correct();
    case SampleType::kF32:
      break;
  }
  return EyePart<float>(eye, photo).Correct();
}

}  // namespace

int CorrectRedEyes(const face::Landmarks& landmarks, const Affine& photo_from_landmarks,
                   MutableImageView photo) {
  if (photo.channels() < 3) return 0;
  face::Landmarks points;
  std::ranges::transform(landmarks, points.begin(), photo_from_landmarks);
  int corrected = 0;
  for (const std::size_t first : kEyes) {
    corrected += CorrectEye(EyeOf(std::span(points).subspan(first, kPointsOfEye)), photo) ? 1 : 0;
  }
  return corrected;
}

}  // namespace gpen::restore
