#include "restore/face_blender.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "codec/pictures_testing.h"
#include "image/resample.h"

namespace gpen::restore {
namespace {

constexpr int kSize = 64;

Image Filled(int width, int height, int channels, float value) {
  Image image(width, height, channels, SampleType::kF32);
  std::fill_n(image.Row<float>(0), width * height * channels, value);
  return image;
}

// A patch over the square at (left, top) of `side` pixels; the network makes everything `output`.
FacePatch Patch(double left, double top, double side, float input, float output) {
  FacePatch patch;
  const double scale = side / kSize;
  patch.photo_from_crop = Translation({left, top}) * ResizeMap(scale, scale);
  patch.input = Filled(kSize, kSize, 3, input);
  patch.output = Filled(kSize, kSize, 3, output);
  patch.mask = Filled(kSize, kSize, 1, 1);
  return patch;
}

codec::Photo GrayPhoto(SampleType type, int channels, int value) {
  codec::Photo photo;
  photo.pixels = Image(200, 160, channels, type);
  for (int i = 0; i < 200 * 160 * channels; ++i) {
    if (type == SampleType::kU8) {
      photo.pixels.Row<std::uint8_t>(0)[i] = static_cast<std::uint8_t>(value);
    } else {
      photo.pixels.Row<std::uint16_t>(0)[i] = static_cast<std::uint16_t>(value);
    }
  }
  return photo;
}

RestoreOptions Plain(int strength) {
  RestoreOptions options;
  options.strength = strength;
  options.mode = Mode::kStrong;
  options.protect_tone = false;
  return options;
}

void Blend(std::vector<FacePatch> patches, const RestoreOptions& options, codec::Photo* photo) {
  std::vector<std::string> warnings;
  const auto colors = codec::ColorTransform::Create(*photo, &warnings);
  ASSERT_TRUE(colors);
  ASSERT_TRUE(BlendFaces(patches, options, *colors, 2, photo->pixels.mutable_view()));
}

std::vector<FacePatch> One(FacePatch patch) {
  std::vector<FacePatch> patches;
  patches.push_back(std::move(patch));
  return patches;
}

TEST(BlendFaces, TouchesOnlyTheFacesRectangle) {
  codec::Photo photo = GrayPhoto(SampleType::kU8, 3, 100);
  Blend(One(Patch(50, 40, 32, 0.4F, 0.8F)), Plain(100), &photo);
  for (int y = 0; y < 160; ++y) {
    for (int x = 0; x < 200; ++x) {
      const int value = photo.pixels.Row<std::uint8_t>(y)[3 * x];
      const bool inside = x >= 51 && x < 81 && y >= 41 && y < 71;
      const bool outside = x < 50 || x >= 82 || y < 40 || y >= 72;
      if (inside) {
        EXPECT_EQ(value, 204) << x << "," << y;
      } else if (outside) {
        EXPECT_EQ(value, 100) << x << "," << y;
      }
    }
  }
}

TEST(BlendFaces, StrengthIsThePartOfTheChange) {
  for (const auto type : {SampleType::kU8, SampleType::kU16}) {
    const int unit = type == SampleType::kU8 ? 255 : 65535;
    codec::Photo photo = GrayPhoto(type, 4, unit / 5);
    Blend(One(Patch(50, 40, 64, 0.2F, 0.6F)), Plain(50), &photo);
    const auto at = [&](int channel) {
      return type == SampleType::kU8 ? photo.pixels.Row<std::uint8_t>(70)[4 * 80 + channel]
                                     : photo.pixels.Row<std::uint16_t>(70)[4 * 80 + channel];
    };
    EXPECT_NEAR(at(0), unit * 0.4, 1);
    EXPECT_EQ(at(3), unit / 5) << "alpha is left alone";
  }
}

TEST(BlendFaces, StrengthZeroChangesNothing) {
  codec::Photo photo = GrayPhoto(SampleType::kU8, 3, 77);
  const Image before = photo.pixels.Clone();
  Blend(One(Patch(10, 10, 100, 0.3F, 0.9F)), Plain(0), &photo);
  EXPECT_EQ(std::memcmp(before.view().data(), photo.pixels.view().data(), before.size_bytes()), 0);
}

TEST(BlendFaces, ALargeFaceKeepsThePhotosOwnDetail) {
  codec::Photo photo = GrayPhoto(SampleType::kU8, 3, 100);
  for (int y = 0; y < 160; ++y) {
    for (int x = 0; x < 600; ++x) {
      photo.pixels.Row<std::uint8_t>(y)[x] = (x / 3 + y) % 2 == 0 ? 120 : 80;
    }
  }
  // Twice as large as the network's input, which sees the mean and makes it a fifth brighter.
  Blend(One(Patch(20, 10, 128, 100 / 255.0F, 120 / 255.0F)), Plain(100), &photo);
  const auto* row = photo.pixels.Row<std::uint8_t>(80);
  EXPECT_EQ(row[3 * 80], 140);
  EXPECT_EQ(row[3 * 81], 100);
}

TEST(BlendFaces, OverlappingFacesAreBlendedOnce) {
  codec::Photo alone = GrayPhoto(SampleType::kU8, 3, 100);
  codec::Photo both = GrayPhoto(SampleType::kU8, 3, 100);
  const auto options = Plain(80);
  Blend(One(Patch(20, 20, 60, 0.4F, 0.8F)), options, &alone);
  auto patches = One(Patch(20, 20, 60, 0.4F, 0.8F));
  patches.push_back(Patch(40, 20, 60, 0.4F, 0.8F));
  Blend(std::move(patches), options, &both);
  // Both want 204. One alone reaches 80 % of the way; two may share the pixel but never overshoot.
  EXPECT_EQ(alone.pixels.Row<std::uint8_t>(50)[3 * 60], 183);
  EXPECT_GE(both.pixels.Row<std::uint8_t>(50)[3 * 60], 183);
  EXPECT_LE(both.pixels.Row<std::uint8_t>(50)[3 * 60], 204);
  EXPECT_EQ(both.pixels.Row<std::uint8_t>(50)[3 * 25], 183);
  EXPECT_EQ(both.pixels.Row<std::uint8_t>(50)[3 * 95], 183);
}

TEST(BlendFaces, AFaceAtTheEdgeOfThePhotoIsClipped) {
  codec::Photo photo = GrayPhoto(SampleType::kU8, 1, 100);
  auto patches = One(Patch(-30, -20, 64, 0.4F, 0.8F));
  patches.push_back(Patch(180, 140, 64, 0.4F, 0.8F));
  patches.push_back(Patch(500, 500, 64, 0.4F, 0.8F));
  Blend(std::move(patches), Plain(100), &photo);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(0)[0], 204);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(159)[199], 204);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(80)[100], 100);
}

// The bright left half of the crop lands where the map turns it to.
TEST(BlendFaces, ATurnedFaceIsTurnedIntoThePhoto) {
  FacePatch patch = Patch(0, 0, kSize, 0.4F, 0.4F);
  for (int y = 0; y < kSize; ++y) {
    std::fill_n(patch.output.Row<float>(y), 3 * kSize / 2, 1.0F);
  }
  // A quarter turn clockwise about (100, 80): left becomes top.
  patch.photo_from_crop = Translation({100, 80}) * RotationAndScale(90, 1) *
                          Translation({-(kSize - 1) / 2.0, -(kSize - 1) / 2.0});
  codec::Photo photo = GrayPhoto(SampleType::kU8, 3, 102);
  Blend(One(std::move(patch)), Plain(100), &photo);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(60)[3 * 100], 255);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(100)[3 * 100], 102);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(60)[3 * 80], 255);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(60)[3 * 120], 255);
}

TEST(BlendFaces, ASmallFaceIsReducedToItsPlace) {
  codec::Photo photo = GrayPhoto(SampleType::kU8, 3, 102);
  Blend(One(Patch(40, 40, 8, 0.4F, 1)), Plain(100), &photo);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(44)[3 * 44], 255);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(44)[3 * 38], 102);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(44)[3 * 49], 102);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(38)[3 * 44], 102);
}

TEST(BlendFaces, TheWeightAndTheMaskWorkOnTopOfTheStrength) {
  FacePatch patch = Patch(50, 40, kSize, 0.4F, 0.8F);
  patch.weight = 0.5;
  for (int y = 0; y < kSize; ++y) {
    std::fill_n(patch.mask.Row<float>(y) + kSize / 2, kSize / 2, 0.5F);
  }
  codec::Photo photo = GrayPhoto(SampleType::kU8, 3, 102);
  Blend(One(std::move(patch)), Plain(80), &photo);
  EXPECT_NEAR(photo.pixels.Row<std::uint8_t>(70)[3 * 60], 102 + 0.8 * 0.5 * 102, 1);
  EXPECT_NEAR(photo.pixels.Row<std::uint8_t>(70)[3 * 105], 102 + 0.8 * 0.5 * 0.5 * 102, 1);
}

TEST(BlendFaces, AnEmptyMaskTouchesNothing) {
  FacePatch patch = Patch(50, 40, kSize, 0.4F, 0.8F);
  patch.mask = Filled(kSize, kSize, 1, 0);
  codec::Photo photo = GrayPhoto(SampleType::kU8, 3, 77);
  const Image before = photo.pixels.Clone();
  Blend(One(std::move(patch)), Plain(100), &photo);
  EXPECT_EQ(std::memcmp(before.view().data(), photo.pixels.view().data(), before.size_bytes()), 0);
}

// What is finer than the network's picture is the photo's own, or what enlarging drew.
TEST(BlendFaces, OnlyAPhotoThatWasNotEnlargedKeepsWhatIsFinerThanTheCrop) {
  RestoreOptions options = Plain(100);
  for (const auto enlarge : {Enlargement::k1, Enlargement::k4}) {
    options.enlarge = enlarge;
    codec::Photo photo = GrayPhoto(SampleType::kU8, 3, 102);
    for (int y = 0; y < 160; ++y) {
      for (int x = 0; x < 3 * 200; ++x) {
        photo.pixels.Row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>((x / 3 + y) % 2 * 40 + 82);
      }
    }
    Blend(One(Patch(20, 10, 2 * kSize, 0.4F, 0.8F)), options, &photo);
    const int left = photo.pixels.Row<std::uint8_t>(70)[3 * 70];
    const int right = photo.pixels.Row<std::uint8_t>(70)[3 * 71];
    if (enlarge == Enlargement::k1) {
      EXPECT_EQ(std::abs(left - right), 40);
    } else {
      EXPECT_LT(std::abs(left - right), 15) << "what is left is grain";
    }
    EXPECT_NEAR((left + right) / 2, 204, 5);
  }
}

TEST(FinishFace, NaturalKeepsTexturesThatTheNetworkLost) {
  FacePatch patch = Patch(0, 0, 32, 0.5F, 0.5F);
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < 3 * kSize; ++x) {
      patch.input.Row<float>(y)[x] = (x / 3 + y) % 2 == 0 ? 0.55F : 0.45F;
    }
  }
  RestoreOptions options = Plain(100);
  const Image strong = FinishFace(patch, options);
  options.mode = Mode::kNatural;
  const Image natural = FinishFace(patch, options);
  EXPECT_EQ(strong.Row<float>(30)[90], 0.5F);
  EXPECT_GT(std::fabs(natural.Row<float>(30)[90] - 0.5F), 0.02F);
  options.enlarge = Enlargement::k2;
  EXPECT_EQ(FinishFace(patch, options).Row<float>(30)[90], 0.5F) << "enlarging drew it";
  options.enlarge = Enlargement::k1;

  // Where the photo is the blurred one, the network's detail stays as it is.
  std::swap(patch.input, patch.output);
  const Image kept = FinishFace(patch, options);
  EXPECT_NEAR(kept.Row<float>(30)[90], patch.output.Row<float>(30)[90], 1e-6);
}

// What lies in the middle of a pixel lies in the middle of the four that it becomes.
TEST(MoveIntoEnlarged, PlacesAndCropsAreThoseOfTheNewPhoto) {
  Image enlarged(40, 32, 3, SampleType::kU8);
  for (int y = 0; y < 32; ++y) {
    for (int i = 0; i < 120; ++i)
      enlarged.Row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(2 * y);
  }
  std::vector<std::string> warnings;
  const auto colors = codec::ColorTransform::Create(
      codec::MakePhoto(enlarged.Clone(), codec::Format::kPng), &warnings);
  ASSERT_TRUE(colors);
  std::vector<FacePatch> patches(1);
  patches[0].photo_from_crop = Translation({3, 0});
  patches[0].input = Image(16, 16, 3, SampleType::kF32);
  ASSERT_TRUE(MoveIntoEnlarged(2, enlarged.view(), *colors, &patches));
  const Point moved = patches[0].photo_from_crop({2, 5});
  EXPECT_DOUBLE_EQ(moved.x, 10.5);
  EXPECT_DOUBLE_EQ(moved.y, 10.5);
  EXPECT_DOUBLE_EQ(patches[0].scale(), 0.5);
  EXPECT_NEAR(patches[0].input.Row<float>(5)[3 * 2], 2 * 10.5 / 255, 0.004);
}

}  // namespace
}  // namespace gpen::restore
