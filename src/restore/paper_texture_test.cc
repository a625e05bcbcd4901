#include "restore/paper_texture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

namespace gpen::restore {
namespace {

constexpr int kSide = 700;

// What is printed, 0 to 1: hills of brightness, and discs here and there.
std::vector<double> Picture() {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> anywhere(0, kSide);
  std::uniform_real_distribution<double> radius(10, 70);
  std::array<std::array<double, 3>, 20> discs;
  for (auto& disc : discs) disc = {anywhere(random), anywhere(random), radius(random)};
  std::vector<double> tones;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const double hills = 0.45 + 0.15 * std::sin(x / 43.0) + 0.1 * std::cos(y / 31.0 + x / 77.0);
      const auto inside = std::ranges::count_if(
          discs, [&](const auto& disc) { return std::hypot(x - disc[0], y - disc[1]) < disc[2]; });
      tones.push_back(inside % 2 == 1 ? hills + 0.2 : hills);
    }
  }
  return tones;
}

double Tone(int x, int y) {
  static const auto tones = Picture();
  return tones[static_cast<std::size_t>(y * kSide + x)];
}

struct Paper {
  double length = 9;  // Pixels from wave to wave; 0: smooth.
  double degrees = 17;
  int directions = 3;  // Of waves: 3 of a honeycomb, 2 of linen.
  int channels = 3;
  double height = 0.02;
  int side = kSide;
};

double Relief(const Paper& paper, int x, int y) {
  if (paper.length == 0) return 0;
  double sum = 0;
  for (int i = 0; i < paper.directions; ++i) {
    const double angle = (paper.degrees + 180.0 * i / paper.directions) * std::numbers::pi / 180;
    sum +=
        std::cos(2 * std::numbers::pi * (x * std::cos(angle) + y * std::sin(angle)) / paper.length);
  }
  return paper.height * sum;
}

template <typename Sample>
codec::Photo Scan(const Paper& paper) {
  std::mt19937 random(1);
  std::normal_distribution<double> deviation(0, 2.0 / 255);
  codec::Photo photo;
  photo.pixels = Image(paper.side, paper.side, paper.channels, kSampleTypeOf<Sample>);
  for (int y = 0; y < paper.side; ++y) {
    for (int x = 0; x < paper.side; ++x) {
      const double value = Tone(x, y) + Relief(paper, x, y) + deviation(random);
      for (int c = 0; c < paper.channels; ++c) {
        photo.pixels.Row<Sample>(y)[x * paper.channels + c] =
            static_cast<Sample>(std::numeric_limits<Sample>::max() * std::clamp(value, 0.0, 1.0));
      }
    }
  }
  return photo;
}

// Of the first channel, from what was printed, in levels of 255.
template <typename Sample>
double Error(const codec::Photo& photo) {
  const ImageView pixels = photo.pixels.view();
  double sum = 0;
  for (int y = 0; y < pixels.height(); ++y) {
    for (int x = 0; x < pixels.width(); ++x) {
      const double value = pixels.Row<Sample>(y)[x * pixels.channels()];
      const double off = value / std::numeric_limits<Sample>::max() - Tone(x, y);
      sum += off * off;
    }
  }
  return 255 * std::sqrt(sum / pixels.width() / pixels.height());
}

template <typename Sample>
void ExpectSmooth(const Paper& paper) {
  codec::Photo photo = Scan<Sample>(paper);
  const double before = Error<Sample>(photo);
  EXPECT_NEAR(RemovePaperTexture(2, {}, &photo), paper.length, 0.06 * paper.length);
  EXPECT_LT(Error<Sample>(photo), 0.55 * before) << paper.length;
}

TEST(PaperTexture, AHoneycombIsTakenAway) {
  for (const double length : {6.0, 9.0, 14.0}) ExpectSmooth<std::uint8_t>({.length = length});
  ExpectSmooth<std::uint16_t>({});
  ExpectSmooth<std::uint8_t>({.channels = 1});
}

TEST(PaperTexture, SoIsLinen) { ExpectSmooth<std::uint8_t>({.degrees = 30, .directions = 2}); }

TEST(PaperTexture, AlphaStays) {
  codec::Photo photo = Scan<std::uint8_t>({.channels = 4});
  const Image before = photo.pixels.Clone();
  ASSERT_GT(RemovePaperTexture(2, {}, &photo), 0);
  for (int y = 0; y < kSide; y += 7) {
    for (int x = 0; x < kSide; ++x) {
      ASSERT_EQ(photo.pixels.Row<std::uint8_t>(y)[4 * x + 3],
                before.Row<std::uint8_t>(y)[4 * x + 3]);
    }
  }
}

TEST(PaperTexture, TheResultDoesNotDependOnThreads) {
  codec::Photo one = Scan<std::uint8_t>({});
  codec::Photo other = Scan<std::uint8_t>({});
  RemovePaperTexture(1, {}, &one);
  RemovePaperTexture(3, {}, &other);
  for (int y = 0; y < kSide; ++y) {
    ASSERT_TRUE(std::equal(one.pixels.Row<std::uint8_t>(y),
                           one.pixels.Row<std::uint8_t>(y) + std::size_t{3} * kSide,
                           other.pixels.Row<std::uint8_t>(y)));
  }
}

TEST(PaperTexture, SmoothPaperHasNone) {
  // Waves of one direction are a thing's, as those along the axes are; a small photo does not tell.
  for (const Paper& paper : {Paper{.length = 0}, Paper{.directions = 1},
                             Paper{.degrees = 0, .directions = 2}, Paper{.side = 300}}) {
    codec::Photo photo = Scan<std::uint8_t>(paper);
    const Image before = photo.pixels.Clone();
    EXPECT_EQ(RemovePaperTexture(2, {}, &photo), 0);
    EXPECT_EQ(
        std::memcmp(photo.pixels.view().data(), before.view().data(), before.stride_bytes() * 300),
        0);
  }
  codec::Photo narrow;
  narrow.pixels = Image(3, 4000, 1, SampleType::kU8);
  EXPECT_EQ(RemovePaperTexture(2, {}, &narrow), 0);
}

}  // namespace
}  // namespace gpen::restore
