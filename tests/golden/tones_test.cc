// Real photos that fade as prints do, or were taken in little light: how far their colours are from
// the true ones, before and after.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>

#include "restore/photo_tones.h"
#include "test_photos.h"

namespace gpen::restore {
namespace {

using Color = std::array<double, 3>;
using Fade = std::function<Color(Color)>;

double Linear(double value) {
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double Encoded(double light) {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
}

// CIELAB of sRGB, under D65.
Color Lab(const std::uint8_t* rgb) {
  const double r = Linear(rgb[0] / 255.0);
  const double g = Linear(rgb[1] / 255.0);
  const double b = Linear(rgb[2] / 255.0);
  const auto bent = [](double t) {
    return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  };
  const double x = bent((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const double y = bent(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const double z = bent((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

// The mean distance of their colours in CIELAB (1976). 2.3 is just to be seen side by side.
double DeltaE(const Image& a, const Image& b) {
  double sum = 0;
  int count = 0;
  for (int y = 0; y < a.height(); y += 4) {
    for (int x = 0; x < a.width(); x += 4, ++count) {
      const Color left = Lab(a.Row<std::uint8_t>(y) + 3 * x);
      const Color right = Lab(b.Row<std::uint8_t>(y) + 3 * x);
      sum += std::hypot(left[0] - right[0], left[1] - right[1], left[2] - right[2]);
    }
  }
  return sum / count;
}

codec::Photo Faded(const std::filesystem::path& path, const Fade& fade) {
  codec::Photo photo = LoadPhoto(path);
  for (int y = 0; y < photo.pixels.height(); ++y) {
    auto* rgb = photo.pixels.Row<std::uint8_t>(y);
    for (int x = 0; x < photo.pixels.width(); ++x, rgb += 3) {
      const Color color = fade({rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0});
      for (int c = 0; c < 3; ++c) {
        const double value = std::clamp(color[static_cast<std::size_t>(c)], 0.0, 1.0);
        rgb[c] = static_cast<std::uint8_t>(value * 255 + 0.5);
      }
    }
  }
  return photo;
}

struct Distances {
  double before = 0;
  double after = 0;
};

// Means over the group photos and a portrait.
Distances Change(const Fade& fade, const RestoreOptions& options) {
  auto paths = GroupPhotos();
  paths.push_back(SkimagePicture("astronaut.png"));
  Distances sums;
  for (const auto& path : paths) {
    const codec::Photo truth = LoadPhoto(path);
    codec::Photo photo = Faded(path, fade);
    sums.before += DeltaE(photo.pixels, truth.pixels);
    EXPECT_TRUE(ChangeTones(options, 2, {}, &photo));
    sums.after += DeltaE(photo.pixels, truth.pixels);
  }
  const auto count = static_cast<double>(paths.size());
  return {sums.before / count, sums.after / count};
}

Distances Mend(const Fade& fade) {
  RestoreOptions options;
  options.fading = 100;
  return Change(fade, options);
}

Distances Lightened(double light) {
  RestoreOptions options;
  options.lighten = 100;
  return Change(
      [=](Color color) {
        for (double& value : color) value = Encoded(light * Linear(value));
        return color;
      },
      options);
}

// From the same black to the same white, and for each channel from its own.
Fade Levels(Color black, Color white) {
  return [=](Color color) {
    for (std::size_t c = 0; c < 3; ++c) color[c] = std::lerp(black[c], white[c], color[c]);
    return color;
  };
}

TEST(FadingGoldenTest, LostContrastComesBack) {
  const Distances flat = Mend(Levels({0.2, 0.2, 0.2}, {0.8, 0.8, 0.8}));
  EXPECT_LT(flat.after, 0.35 * flat.before);
}

TEST(FadingGoldenTest, YellowedPaperBecomesWhite) {
  const Distances yellow = Mend(Levels({0.16, 0.12, 0.08}, {0.92, 0.84, 0.66}));
  EXPECT_LT(yellow.after, 0.4 * yellow.before);
}

TEST(FadingGoldenTest, DyesThatAreGoneComeBack) {
  const Distances red = Mend([](Color color) {
    constexpr Color kLeft = {0.5, 0.65, 0.75};
    constexpr Color kPaper = {0.96, 0.92, 0.8};
    for (std::size_t c = 0; c < 3; ++c) {
      color[c] = kPaper[c] * std::pow(std::max(color[c], 0.02), kLeft[c]);
    }
    return color;
  });
  EXPECT_LT(red.after, 0.65 * red.before);
}

TEST(FadingGoldenTest, AFreshPhotoKeepsItsColours) {
  EXPECT_LT(Mend([](Color color) { return color; }).after, 1.5);
}

TEST(LighteningGoldenTest, ADarkPhotoComesNearToTheTrueOne) {
  const Distances dusk = Lightened(0.3);
  EXPECT_LT(dusk.after, 0.5 * dusk.before);
  const Distances night = Lightened(0.08);
  EXPECT_LT(night.after, 0.6 * night.before);
}

// One of the group photos is dark; all others stay as they are, byte for byte.
TEST(LighteningGoldenTest, APhotoThatIsLightStays) {
  auto paths = GroupPhotos();
  paths.push_back(SkimagePicture("astronaut.png"));
  int untouched = 0;
  for (const auto& path : paths) {
    codec::Photo photo = LoadPhoto(path);
    const auto lightened = Lighten(100, 2, {}, &photo);
    ASSERT_TRUE(lightened);
    if (lightened->gain == 1) {
      ++untouched;
      EXPECT_EQ(DeltaE(photo.pixels, LoadPhoto(path).pixels), 0);
    }
  }
  EXPECT_GE(untouched, 6);
}

}  // namespace
}  // namespace gpen::restore
