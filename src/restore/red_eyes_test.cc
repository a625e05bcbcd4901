#include "restore/red_eyes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace gpen::restore {
namespace {

using Color = std::array<double, 3>;  // 0 to 255.

constexpr Color kSkin = {205, 168, 148};
constexpr Color kWhite = {215, 208, 202};
constexpr Color kBrown = {92, 66, 48};
constexpr Color kRed = {176, 42, 50};
constexpr Color kDarkRed = {110, 40, 46};
constexpr Color kBlack = {22, 19, 18};
constexpr Color kLight = {252, 250, 250};

struct Pupil {
  Color color = kBlack;
  double radius = 0.16;  // Of the eye's width.
  double off = 0;        // Along the eye.
  double dark = 0;       // Radius of what is black in its middle.
};

constexpr int kWidth = 320;
constexpr int kHeight = 120;
constexpr double kEyeWidth = 60;
constexpr Point kMiddles[] = {{90, 60}, {230, 60}};

face::Landmarks EyesAt(double turn) {
  face::Landmarks landmarks = {};
  const std::array<Point, 6> outline = {
      {{-0.5, 0}, {-0.2, -0.17}, {0.2, -0.17}, {0.5, 0}, {0.2, 0.15}, {-0.2, 0.15}}};
  for (std::size_t eye = 0; eye < 2; ++eye) {
    for (std::size_t i = 0; i < outline.size(); ++i) {
      const Point at = outline[i] * kEyeWidth;
      landmarks[36 + 6 * eye + i] =
          kMiddles[eye] + Point{at.x * std::cos(turn) - at.y * std::sin(turn),
                                at.x * std::sin(turn) + at.y * std::cos(turn)};
    }
  }
  return landmarks;
}

Color ColorAt(int x, int y, const Pupil& pupil) {
  for (const auto& middle : kMiddles) {
    const double along = (x - middle.x) / kEyeWidth;
    const double across = (y - middle.y) / kEyeWidth;
    if (std::abs(across) > 0.17 - 0.6 * along * along || std::abs(along) > 0.5) continue;
    const double from_pupil = std::hypot(along - pupil.off, across);
    if (std::hypot(along - pupil.off - 0.04, across + 0.05) < 0.03) return kLight;
    if (from_pupil < pupil.dark) return kBlack;
    if (from_pupil < pupil.radius) return pupil.color;
    return from_pupil < 0.26 ? kBrown : kWhite;
  }
  return kSkin;
}

template <typename Sample>
Image Drawn(const Pupil& pupil, int channels = 3) {
  Image photo(kWidth, kHeight, channels, kSampleTypeOf<Sample>);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const Color color = ColorAt(x, y, pupil);
      for (int c = 0; c < channels; ++c) {
        const double level = c < 3 ? color[static_cast<std::size_t>(c)] : 255;
        photo.Row<Sample>(y)[x * channels + c] =
            static_cast<Sample>(level * std::numeric_limits<Sample>::max() / 255);
      }
    }
  }
  return photo;
}

template <typename Sample>
Color LevelsAt(const Image& photo, int x, int y) {
  const Sample* sample = photo.Row<Sample>(y) + x * photo.channels();
  const double unit = std::numeric_limits<Sample>::max() / 255.0;
  return {sample[0] / unit, sample[1] / unit, sample[2] / unit};
}

template <typename Sample>
void ExpectMadeDark(const Pupil& pupil, int channels) {
  Image photo = Drawn<Sample>(pupil, channels);
  const Image before = photo.Clone();
  EXPECT_EQ(CorrectRedEyes(EyesAt(0), Affine(), photo.mutable_view()), 2);
  for (const auto& middle : kMiddles) {
    const int x = static_cast<int>(middle.x + pupil.off * kEyeWidth) - 4;
    const int y = static_cast<int>(middle.y) + 3;
    const Color color = LevelsAt<Sample>(photo, x, y);
    EXPECT_LT(*std::ranges::max_element(color), 60);
    EXPECT_LT(*std::ranges::max_element(color) - *std::ranges::min_element(color), 12);
  }
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const Color drawn = ColorAt(x, y, pupil);
      if (drawn == kSkin || drawn == kWhite || drawn == kBrown || drawn == kLight) {
        ASSERT_EQ(LevelsAt<Sample>(photo, x, y), LevelsAt<Sample>(before, x, y)) << x << " " << y;
      }
    }
  }
}

TEST(RedEyes, RedPupilsAreMadeDarkAndNothingElseChanges) {
  ExpectMadeDark<std::uint8_t>({.color = kRed}, 3);
  ExpectMadeDark<std::uint8_t>({.color = kDarkRed, .radius = 0.12}, 3);
  ExpectMadeDark<std::uint8_t>({.color = kRed, .radius = 0.22, .off = 0.15}, 4);
  ExpectMadeDark<std::uint16_t>({.color = kRed}, 3);
}

TEST(RedEyes, EyesThatAreNotRedStay) {
  for (const Color& color : {kBlack, kBrown, kSkin, kWhite}) {
    Image photo = Drawn<std::uint8_t>({.color = color});
    EXPECT_EQ(CorrectRedEyes(EyesAt(0), Affine(), photo.mutable_view()), 0);
  }
  Image corner = Drawn<std::uint8_t>({.color = kRed, .radius = 0.1, .off = 0.38});
  EXPECT_EQ(CorrectRedEyes(EyesAt(0), Affine(), corner.mutable_view()), 0)
      << "the corner of an eye is red";
  Image lens = Drawn<std::uint8_t>({.color = kRed, .radius = 0.24, .dark = 0.1});
  EXPECT_EQ(CorrectRedEyes(EyesAt(0), Affine(), lens.mutable_view()), 0) << "a coloured lens";
  Image gray = Drawn<std::uint8_t>({.color = kRed}, 1);
  EXPECT_EQ(CorrectRedEyes(EyesAt(0), Affine(), gray.mutable_view()), 0);
}

TEST(RedEyes, LandmarksMayLieAnywhere) {
  Image photo = Drawn<std::uint8_t>({.color = kRed});
  face::Landmarks outside = EyesAt(0);
  for (auto& point : outside) point = point + Point{-1000, 4000};
  EXPECT_EQ(CorrectRedEyes(outside, Affine(), photo.mutable_view()), 0);
  EXPECT_EQ(CorrectRedEyes(face::Landmarks{}, Affine(), photo.mutable_view()), 0);
  face::Landmarks at_the_border = EyesAt(0);
  for (auto& point : at_the_border) point.x -= kMiddles[0].x - 2;
  EXPECT_EQ(CorrectRedEyes(at_the_border, Affine(), photo.mutable_view()), 0);
}

TEST(RedEyes, TheEyesOfATurnedFaceAreFoundToo) {
  Image photo = Drawn<std::uint8_t>({.color = kRed});
  EXPECT_EQ(CorrectRedEyes(EyesAt(0.3), Affine(), photo.mutable_view()), 2);
}

}  // namespace
}  // namespace gpen::restore
