#include "restore/lightening.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace gpen::restore {
namespace {

constexpr int kSide = 120;

// A slope from black to `lightest` of 255 levels, in stripes of two colours; the fourth channel is
// alpha.
template <typename Sample>
codec::Photo Slope(double lightest, int channels = 3) {
  constexpr double kUnit = std::numeric_limits<Sample>::max() / 255.0;
  codec::Photo photo;
  photo.pixels = Image(kSide, kSide, channels, kSampleTypeOf<Sample>);
  for (int y = 0; y < kSide; ++y) {
    auto* sample = photo.pixels.Row<Sample>(y);
    for (int x = 0; x < kSide; ++x) {
      const double light = lightest * x / (kSide - 1);
      const double parts[] = {1, y % 40 < 20 ? 0.9 : 0.6, 0.5};
      for (int c = 0; c < channels; ++c, ++sample) {
        const double value = channels == 1 ? light : c == 3 ? 255 : light * parts[c];
        *sample = static_cast<Sample>(value * kUnit + 0.5);
      }
    }
  }
  return photo;
}

template <typename Sample>
std::vector<Sample> Row(const codec::Photo& photo, int y) {
  const auto* row = photo.pixels.Row<Sample>(y);
  return {row, row + kSide * photo.pixels.channels()};
}

double GainOf(codec::Photo* photo, int percent = 100) {
  const auto lightened = Lighten(percent, 2, {}, photo);
  EXPECT_TRUE(lightened) << lightened.error().message();
  return lightened ? lightened->gain : 0;
}

TEST(LighteningTest, ADarkPhotoBecomesLightAndKeepsItsBlackAndItsOrder) {
  codec::Photo photo = Slope<std::uint8_t>(70);
  EXPECT_GT(GainOf(&photo), 2);
  const auto row = Row<std::uint8_t>(photo, 5);
  EXPECT_EQ(row[0], 0);
  EXPECT_GT(row[3 * (kSide - 1)], 140);
  EXPECT_LT(row[3 * (kSide - 1)], 255);
  // Rounded samples: a neighbour of the same light may have another hue by a level.
  for (std::size_t x = 1; x < kSide; ++x) EXPECT_GE(row[3 * x] + 1, row[3 * (x - 1)]) << x;
}

TEST(LighteningTest, ALightPhotoIsNotTouched) {
  codec::Photo photo = Slope<std::uint8_t>(255);
  const auto before = Row<std::uint8_t>(photo, 5);
  EXPECT_EQ(GainOf(&photo), 1);
  EXPECT_EQ(Row<std::uint8_t>(photo, 5), before);
}

TEST(LighteningTest, ColoursKeepTheirHue) {
  codec::Photo photo = Slope<std::uint8_t>(90);
  GainOf(&photo);
  for (const int y : {5, 25}) {
    const auto row = Row<std::uint8_t>(photo, y);
    const double red = row[3 * 100];
    EXPECT_NEAR(row[3 * 100 + 1] / red, y == 5 ? 0.9 : 0.6, 0.03);
    EXPECT_NEAR(row[3 * 100 + 2] / red, 0.5, 0.03);
  }
}

TEST(LighteningTest, ASignThatIsLightAlreadyKeepsItsHue) {
  codec::Photo photo = Slope<std::uint8_t>(60);
  constexpr std::uint8_t kSign[] = {255, 153, 0};
  for (int y = 0; y < 30; ++y) {
    for (int x = 0; x < 15; ++x) {
      for (int c = 0; c < 3; ++c) photo.pixels.Row<std::uint8_t>(y)[3 * x + c] = kSign[c];
    }
  }
  EXPECT_GT(GainOf(&photo), 1.5);
  const auto row = Row<std::uint8_t>(photo, 10);
  EXPECT_GE(row[0], 250);
  EXPECT_GT(row[1], kSign[1]);
  // As far from red as from yellow, as it was.
  EXPECT_NEAR(1.0 * (row[1] - row[2]) / (row[0] - row[2]), 153.0 / 255, 0.03);
}

TEST(LighteningTest, ALampIsNotCutOff) {
  codec::Photo photo = Slope<std::uint8_t>(60);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) {
      for (int c = 0; c < 3; ++c)
        photo.pixels.Row<std::uint8_t>(y)[3 * x + c] = static_cast<std::uint8_t>(200 + 10 * x);
    }
  }
  GainOf(&photo);
  const auto row = Row<std::uint8_t>(photo, 1);
  EXPECT_GT(row[3 * 3], row[0]) << "the lamp has a shape";
}

TEST(LighteningTest, ThePercentIsAPartOfIt) {
  codec::Photo half = Slope<std::uint8_t>(70);
  codec::Photo whole = Slope<std::uint8_t>(70);
  codec::Photo none = Slope<std::uint8_t>(70);
  const double half_gain = GainOf(&half, 50);
  EXPECT_NEAR(half_gain - 1, (GainOf(&whole) - 1) / 2, 1e-6);
  EXPECT_EQ(GainOf(&none, 0), 1);
  const std::size_t at = 3 * 100;
  const int before = Row<std::uint8_t>(none, 5)[at];
  EXPECT_NEAR(Row<std::uint8_t>(half, 5)[at] - before,
              (Row<std::uint8_t>(whole, 5)[at] - before) / 2.0, 2);
}

TEST(LighteningTest, AllKindsOfPixels) {
  codec::Photo eight = Slope<std::uint8_t>(70);
  codec::Photo sixteen = Slope<std::uint16_t>(70);
  EXPECT_NEAR(GainOf(&eight), GainOf(&sixteen), 0.02);
  EXPECT_NEAR(Row<std::uint16_t>(sixteen, 5)[300] / 257.0, Row<std::uint8_t>(eight, 5)[300], 2);
  codec::Photo gray = Slope<std::uint8_t>(70, 1);
  EXPECT_GT(GainOf(&gray), 2);
  EXPECT_GT(Row<std::uint8_t>(gray, 5)[kSide - 1], 140);
  codec::Photo with_alpha = Slope<std::uint8_t>(70, 4);
  EXPECT_GT(GainOf(&with_alpha), 2);
  for (std::size_t x = 0; x < kSide; ++x)
    EXPECT_EQ(Row<std::uint8_t>(with_alpha, 5)[4 * x + 3], 255);
}

TEST(LighteningTest, BlackAloneStaysBlack) {
  codec::Photo photo = Slope<std::uint8_t>(0);
  EXPECT_EQ(GainOf(&photo), 1);
  EXPECT_EQ(std::ranges::max(Row<std::uint8_t>(photo, 5)), 0);
}

TEST(LighteningTest, CanBeStopped) {
  std::stop_source source;
  source.request_stop();
  codec::Photo photo = Slope<std::uint8_t>(70);
  const auto lightened = Lighten(100, 2, source.get_token(), &photo);
  ASSERT_FALSE(lightened);
  EXPECT_EQ(lightened.error().code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace gpen::restore
