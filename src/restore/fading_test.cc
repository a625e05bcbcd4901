#include "restore/fading.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>

#include "restore/channel_scale.h"
#include "restore/tone_sample.h"

namespace gpen::restore {
namespace {

using Color = std::array<double, 3>;

// A scene as a camera sees it: a sky, a lawn, skin, gray walls in all shades, black and white, and
// the noise of film.
Color Scene(double across, double down) {
  if (down < 0.25) return {0.45 + 0.3 * across, 0.62 + 0.2 * across, 0.85 + 0.1 * across};
  if (down > 0.8) return {0.25 + 0.2 * across, 0.4 + 0.2 * across, 0.15 + 0.1 * across};
  if (std::hypot(across - 0.3, down - 0.5) < 0.12)
    return {0.85 - across, 0.68 - across, 0.58 - across};
  if (across > 0.9) return {0.01, 0.01, 0.012};
  if (across > 0.84) return {0.97, 0.97, 0.96};
  if (across > 0.7) return {0.6, 0.15, 0.12};
  const double gray = 0.1 + 0.75 * across;
  return {gray, gray, gray};
}

template <typename Sample>
codec::Photo Draw(int channels, const std::function<Color(Color)>& develop,
                  const std::function<Color(double, double)>& scene = Scene) {
  constexpr double kMost = std::numeric_limits<Sample>::max();
  codec::Photo photo;
  photo.pixels = Image(240, 180, channels, kSampleTypeOf<Sample>);
  std::mt19937 random(7);
  std::normal_distribution<double> grain(0, 0.008);
  const int colors = channels <= 2 ? 1 : 3;
  for (int y = 0; y < 180; ++y) {
    auto* sample = photo.pixels.Row<Sample>(y);
    for (int x = 0; x < 240; ++x, sample += channels) {
      Color color = scene(x / 239.0, y / 179.0);
      const double noise = grain(random);
      for (double& value : color) value = std::clamp(value + noise, 0.0, 1.0);
      if (colors == 1) color.fill(0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]);
      color = develop(color);
      for (int c = 0; c < colors; ++c) {
        sample[c] = static_cast<Sample>(
            std::clamp(color[static_cast<std::size_t>(c)], 0.0, 1.0) * kMost + 0.5);
      }
      if (channels > colors) sample[colors] = static_cast<Sample>(x < 120 ? kMost : kMost * 0.75);
    }
  }
  return photo;
}

Color Unchanged(Color color) { return color; }

// Each channel from its own black to its own white: what is left of an old colour print.
std::function<Color(Color)> Levels(Color black, Color white) {
  return [=](Color color) {
    for (std::size_t c = 0; c < 3; ++c) color[c] = std::lerp(black[c], white[c], color[c]);
    return color;
  };
}

// Dyes that have gone: less density of each, over stained paper.
Color DyesGone(Color color) {
  const Color left = {0.5, 0.65, 0.75};
  const Color paper = {0.96, 0.92, 0.8};
  for (std::size_t c = 0; c < 3; ++c)
    color[c] = paper[c] * std::pow(std::max(color[c], 0.02), left[c]);
  return color;
}

double MeanError(const Image& a, const Image& b) {
  double sum = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int i = 0; i < a.width() * a.channels(); ++i) {
      const double difference = a.Row<std::uint8_t>(y)[i] - b.Row<std::uint8_t>(y)[i];
      sum += difference * difference;
    }
  }
  return sum / a.height() / a.width() / a.channels();
}
double Psnr(const Image& a, const Image& b) {
  return 10 * std::log10(255.0 * 255.0 / std::max(MeanError(a, b), 1e-9));
}

int LargestChange(const Image& a, const Image& b) {
  int most = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int i = 0; i < a.width() * a.channels(); ++i) {
      most = std::max(most, std::abs(a.Row<std::uint8_t>(y)[i] - b.Row<std::uint8_t>(y)[i]));
    }
  }
  return most;
}

bool SamePixels(const Image& a, const Image& b) {
  return a.size_bytes() == b.size_bytes() &&
         std::memcmp(a.view().data(), b.view().data(), a.size_bytes()) == 0;
}

RestoreOptions Options(int fading, Sepia sepia = Sepia::kKeep) {
  RestoreOptions options;
  options.fading = fading;
  options.sepia = sepia;
  return options;
}

MendedFading Mend(codec::Photo* photo, int fading = 100, Sepia sepia = Sepia::kKeep) {
  const auto mended = MendFading(Options(fading, sepia), 2, {}, photo);
  EXPECT_TRUE(mended) << mended.error().message();
  return *mended;
}

TEST(MendFading, BringsFadedPrintsNearToWhatTheyWere) {
  const codec::Photo true_one = Draw<std::uint8_t>(3, Unchanged);
  struct Case {
    const char* name;
    std::function<Color(Color)> fade;
    double least_gain_db;
    double least_db;
  };
  const Case cases[] = {
      {"levels", Levels({0.25, 0.18, 0.2}, {0.95, 0.88, 0.75}), 11, 28},
      {"reddish", Levels({0.28, 0.16, 0.16}, {0.97, 0.8, 0.75}), 10, 26},
      {"gray veil", Levels({0.2, 0.2, 0.2}, {0.85, 0.85, 0.85}), 11, 30},
      {"dyes", DyesGone, 4, 20},
  };
  for (const auto& one : cases) {
    codec::Photo faded = Draw<std::uint8_t>(3, one.fade);
    const double before = Psnr(true_one.pixels, faded.pixels);
    EXPECT_TRUE(Mend(&faded).changed) << one.name;
    const double after = Psnr(true_one.pixels, faded.pixels);
    RecordProperty(one.name, std::to_string(after - before));
    EXPECT_GT(after - before, one.least_gain_db) << one.name << " " << before << " " << after;
    EXPECT_GT(after, one.least_db) << one.name;
  }
}

TEST(MendFading, HalfOfItIsHalfWay) {
  const auto fade = Levels({0.25, 0.18, 0.2}, {0.95, 0.88, 0.75});
  codec::Photo none = Draw<std::uint8_t>(3, fade);
  codec::Photo half = Draw<std::uint8_t>(3, fade);
  codec::Photo all = Draw<std::uint8_t>(3, fade);
  Mend(&half, 50);
  Mend(&all, 100);
  for (int y = 0; y < 180; ++y) {
    for (int i = 0; i < 3 * 240; ++i) {
      const double middle =
          (none.pixels.Row<std::uint8_t>(y)[i] + all.pixels.Row<std::uint8_t>(y)[i]) / 2.0;
      ASSERT_NEAR(half.pixels.Row<std::uint8_t>(y)[i], middle, 1.01);
    }
  }
}

TEST(MendFading, APhotoThatIsNotFadedHardlyChanges) {
  codec::Photo photo = Draw<std::uint8_t>(3, Unchanged);
  const Image before = photo.pixels.Clone();
  Mend(&photo);
  EXPECT_LE(LargestChange(before, photo.pixels), 6);
}

struct HardCase {
  const char* name;
  std::function<Color(double, double)> scene;
  double most_rms;  // Of the change, in 8-bit levels.
};

void PrintTo(const HardCase& one, std::ostream* out) { *out << one.name; }

class HardCases : public ::testing::TestWithParam<HardCase> {};

TEST_P(HardCases, AreNotRuined) {
  codec::Photo photo = Draw<std::uint8_t>(3, Unchanged, GetParam().scene);
  const Image before = photo.pixels.Clone();
  Mend(&photo);
  EXPECT_LE(std::sqrt(MeanError(before, photo.pixels)), GetParam().most_rms);
}

Color Night(double across, double down) {
  if (std::hypot(across - 0.6, down - 0.4) < 0.02) return {0.8, 0.7, 0.4};
  return {0.02 + 0.08 * across, 0.02 + 0.08 * across, 0.04 + 0.14 * across};
}
Color Sunset(double across, double down) {
  if (down > 0.7) return {0.03, 0.02, 0.02};
  if (std::hypot(across - 0.5, down - 0.55) < 0.06) return {1, 0.95, 0.8};
  return {0.95 - 0.35 * (0.7 - down), 0.55 - 0.3 * (0.7 - down), 0.2 + 0.3 * (0.7 - down)};
}
Color Snow(double across, double down) {
  if (across > 0.8 && down > 0.6) return {0.2, 0.22, 0.24};
  return {0.82 + 0.12 * across, 0.84 + 0.12 * across, 0.88 + 0.1 * across};
}
Color OnWhite(double across, double down) {
  if (std::hypot(across - 0.5, down - 0.5) < 0.3) return {0.3 + 0.4 * across, 0.35, 0.3};
  return {1, 1, 1};
}
Color OnBlack(double across, double down) {
  if (std::hypot(across - 0.5, down - 0.5) < 0.3) return {0.4 + 0.4 * across, 0.45, 0.4};
  return {0, 0, 0};
}
Color LowKey(double across, double down) {
  const double light = 0.45 * std::max(0.0, 1 - 3 * std::hypot(across - 0.4, down - 0.4));
  return {0.01 + light, 0.01 + 0.75 * light, 0.01 + 0.6 * light};
}
Color Lawn(double across, double down) {
  return {0.1 + 0.3 * across * down, 0.2 + 0.5 * across, 0.05 + 0.15 * down * across};
}

INSTANTIATE_TEST_SUITE_P(
    Scenes, HardCases,
    ::testing::Values(HardCase{"night", Night, 8}, HardCase{"sunset", Sunset, 14},
                      HardCase{"snow", Snow, 14}, HardCase{"on_white", OnWhite, 16},
                      HardCase{"on_black", OnBlack, 10}, HardCase{"low_key", LowKey, 8},
                      HardCase{"lawn", Lawn, 16}),
    [](const auto& test) { return std::string(test.param.name); });

// A print on a scanner's white lid: the lid's white says nothing of the print.
TEST(MendFading, LooksPastTheLidAroundAPrint) {
  const auto fade = Levels({0.25, 0.18, 0.2}, {0.95, 0.88, 0.75});
  const auto on_lid = [&](double across, double down) -> Color {
    const double x = (across - 0.1) / 0.8;
    const double y = (down - 0.1) / 0.8;
    return x < 0 || x > 1 || y < 0 || y > 1 ? Color{1, 1, 1} : fade(Scene(x, y));
  };
  codec::Photo print = Draw<std::uint8_t>(3, Unchanged, on_lid);
  codec::Photo alone = Draw<std::uint8_t>(3, fade);
  const auto mended = Mend(&print);
  const auto expected = Mend(&alone);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(mended.white[c], expected.white[c], 0.03);
    EXPECT_NEAR(mended.black[c], expected.black[c], 0.03);
  }
}

TEST(MendFading, GrayStaysGrayInEveryKindOfPixel) {
  const auto fade = Levels({0.2, 0.2, 0.2}, {0.8, 0.8, 0.8});
  const auto gray_scene = [](double across, double down) {
    const Color color = Scene(across, down);
    const double luma = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2];
    return Color{luma, luma, luma};
  };
  codec::Photo eight = Draw<std::uint8_t>(3, fade, gray_scene);
  codec::Photo sixteen = Draw<std::uint16_t>(4, fade, gray_scene);
  codec::Photo one_channel = Draw<std::uint8_t>(1, fade);
  const Image before = sixteen.pixels.Clone();
  const Image one_before = one_channel.pixels.Clone();
  for (auto* photo : {&eight, &sixteen, &one_channel}) {
    const auto mended = Mend(photo);
    EXPECT_TRUE(mended.changed);
    EXPECT_FALSE(mended.one_tone);
  }
  for (int y = 0; y < 180; ++y) {
    for (int x = 0; x < 240; ++x) {
      const auto* pixel = eight.pixels.Row<std::uint8_t>(y) + 3 * x;
      ASSERT_TRUE(pixel[0] == pixel[1] && pixel[1] == pixel[2]);
      const auto* deep = sixteen.pixels.Row<std::uint16_t>(y) + 4 * x;
      ASSERT_TRUE(deep[0] == deep[1] && deep[1] == deep[2]);
      ASSERT_EQ(deep[3], before.Row<std::uint16_t>(y)[4 * x + 3]);
      // All depths are changed alike.
      ASSERT_NEAR(deep[0] / 257.0, pixel[0], 2.5);
    }
  }
  EXPECT_GT(LargestChange(one_before, one_channel.pixels), 20);
}

Color Toned(double luma) { return {luma + 0.05, luma - 0.01, luma - 0.08}; }
Color SepiaScene(double across, double down) {
  const Color color = Scene(across, down);
  return Toned(0.2 + 0.6 * (0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]));
}

TEST(MendFading, SepiaKeepsItsToneAndGetsItsContrast) {
  codec::Photo photo = Draw<std::uint8_t>(3, Unchanged, SepiaScene);
  const Image before = photo.pixels.Clone();
  const auto mended = Mend(&photo);
  EXPECT_TRUE(mended.one_tone);
  int darkest = 255;
  int lightest = 0;
  for (int y = 0; y < 180; ++y) {
    for (int x = 0; x < 240; ++x) {
      const auto* pixel = photo.pixels.Row<std::uint8_t>(y) + 3 * x;
      const auto* old = before.Row<std::uint8_t>(y) + 3 * x;
      darkest = std::min<int>(darkest, pixel[1]);
      lightest = std::max<int>(lightest, pixel[1]);
      if (pixel[2] == 0 || pixel[0] == 255) continue;  // At the ends there is no room for a tone.
      ASSERT_NEAR(pixel[0] - pixel[2], old[0] - old[2], 2);
      ASSERT_NEAR(pixel[0] - pixel[1], old[0] - old[1], 2);
    }
  }
  EXPECT_LT(darkest, 20);
  EXPECT_GT(lightest, 235);
}

TEST(MendFading, SepiaBecomesNeutralWhereItIsWanted) {
  for (const int fading : {0, 100}) {
    codec::Photo photo = Draw<std::uint16_t>(3, Unchanged, SepiaScene);
    EXPECT_TRUE(Mend(&photo, fading, Sepia::kNeutral).changed);
    for (int y = 0; y < 180; ++y) {
      for (int x = 0; x < 240; ++x) {
        const auto* pixel = photo.pixels.Row<std::uint16_t>(y) + 3 * x;
        ASSERT_TRUE(pixel[0] == pixel[1] && pixel[1] == pixel[2]);
      }
    }
  }
}

TEST(MendFading, APhotoWithColoursIsNoSepia) {
  codec::Photo photo = Draw<std::uint8_t>(3, Unchanged);
  const Image before = photo.pixels.Clone();
  const auto mended = Mend(&photo, 0, Sepia::kNeutral);
  EXPECT_FALSE(mended.one_tone);
  EXPECT_FALSE(mended.changed);
  EXPECT_TRUE(SamePixels(before, photo.pixels));
}

TEST(MendFading, WhatIsTransparentDoesNotCount) {
  const auto fade = Levels({0.2, 0.2, 0.2}, {0.8, 0.8, 0.8});
  codec::Photo photo = Draw<std::uint8_t>(4, fade);
  codec::Photo clear = Draw<std::uint8_t>(4, fade);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 240; ++x) {
      auto* pixel = clear.pixels.Row<std::uint8_t>(y) + 4 * x;
      std::fill_n(pixel, 3, static_cast<std::uint8_t>(x % 2 == 0 ? 0 : 255));
      pixel[3] = 0;
    }
  }
  const auto expected = Mend(&photo);
  const auto mended = Mend(&clear);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(mended.black[c], expected.black[c], 0.02);
    EXPECT_NEAR(mended.white[c], expected.white[c], 0.02);
  }
  codec::Photo nothing = Draw<std::uint8_t>(4, fade);
  for (int y = 0; y < 180; ++y) {
    for (int x = 0; x < 240; ++x) nothing.pixels.Row<std::uint8_t>(y)[4 * x + 3] = 0;
  }
  EXPECT_FALSE(Mend(&nothing).changed);
}

TEST(MendFading, PicturesWithNothingInThemStay) {
  for (const double tone : {0.0, 0.3, 0.5, 0.8, 1.0}) {
    codec::Photo photo;
    photo.pixels = Image(3, 1, 3, SampleType::kU8);
    std::fill_n(photo.pixels.Row<std::uint8_t>(0), 9, static_cast<std::uint8_t>(tone * 255));
    const Image before = photo.pixels.Clone();
    Mend(&photo);
    EXPECT_TRUE(SamePixels(before, photo.pixels)) << tone;
  }
}

TEST(MendFading, EndsOnRequest) {
  codec::Photo photo = Draw<std::uint8_t>(3, Levels({0.2, 0.2, 0.2}, {0.8, 0.8, 0.8}));
  std::stop_source stop;
  stop.request_stop();
  const auto mended = MendFading(Options(100), 1, stop.get_token(), &photo);
  ASSERT_FALSE(mended);
  EXPECT_EQ(mended.error().code(), ErrorCode::kCancelled);
}

TEST(ChannelScale, GoesUpAndDown) {
  const codec::Photo photo = Draw<std::uint16_t>(3, Unchanged);
  const auto scale = ChannelScale::Of(photo);
  ASSERT_TRUE(scale);
  for (const int value : {0, 1, 255, 4711, 65534, 65535}) {
    EXPECT_EQ(scale->Down(1, scale->Up(1, value)), value);
  }
  EXPECT_EQ(scale->Down(0, -1), 0);
  EXPECT_EQ(scale->Down(0, 2), 65535);
}

TEST(FindCast, BelievesALightAndNotASubject) {
  const auto warm = [](Color color) { return Color{color[0], 0.9 * color[1], 0.7 * color[2]}; };
  const auto cast_of = [](const codec::Photo& photo) {
    return FindCast(SampleTones(photo.pixels.view(), *ChannelScale::Of(photo)));
  };
  const auto lit = [&](double across, double down) {
    const Color color = Scene(across, down);
    return down < 0.25 ? Color{0.5, 0.5, 0.5} : color;
  };
  const Rgb cast = cast_of(Draw<std::uint8_t>(3, warm, lit));
  EXPECT_GT(cast[0], 1.02);
  EXPECT_LT(cast[2], 0.95);
  for (const auto& scene : {Scene, Sunset}) {
    for (const double factor : cast_of(Draw<std::uint8_t>(3, Unchanged, scene))) {
      EXPECT_NEAR(factor, 1, 0.02);
    }
  }
}

}  // namespace
}  // namespace gpen::restore
