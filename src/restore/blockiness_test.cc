#include "restore/blockiness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/pictures_testing.h"
#include "image/resample.h"
#include "restore/cleaning.h"

namespace gpen::restore {
namespace {

constexpr int kSide = 320;

// Structure of several sizes, sharp edges and a little noise, as a photo has them.
Image Draw() {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  Image field(kSide, kSide, 1, SampleType::kF32);
  for (int i = 0; i < kSide * kSide; ++i) field.Row<float>(0)[i] = normal(random);
  const Image fine = GaussianBlur(field.view(), 1.2);
  const Image coarse = GaussianBlur(field.view(), 6);
  Image picture(kSide, kSide, 3, SampleType::kU8);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const float edge = (x / 37 + y / 51) % 2 == 0 ? 30 : -30;
      const float value = 128 + 20 * fine.Row<float>(y)[x] + 300 * coarse.Row<float>(y)[x] + edge +
                          1.5F * normal(random);
      for (int c = 0; c < 3; ++c) {
        picture.Row<std::uint8_t>(y)[3 * x + c] =
            static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F));
      }
    }
  }
  return picture;
}

codec::Photo PhotoAsJpeg(int quality) {
  std::vector<std::string> warnings;
  const auto file = codec::Encode(codec::MakePhoto(Draw(), codec::Format::kJpeg),
                                  {.quality = quality}, &warnings);
  return *codec::Decode(*file, {});
}

Image AsJpeg(int quality) { return std::move(PhotoAsJpeg(quality).pixels); }

TEST(QualityByBlocks, IsThatOfTheJpeg) {
  EXPECT_FALSE(QualityByBlocks(Draw().view()));
  for (const int quality : {20, 40, 60}) {
    const auto found = QualityByBlocks(AsJpeg(quality).view());
    ASSERT_TRUE(found) << quality;
    EXPECT_NEAR(*found, quality, 15);
  }
}

TEST(QualityByBlocks, DoesNotDependOnWhereTheSquaresBeginOrHowPixelsAreKept) {
  const Image jpeg = AsJpeg(30);
  const double quality = *QualityByBlocks(jpeg.view());
  const Image cropped = CopyOf(jpeg.view().Crop({3, 5, kSide - 10, kSide - 11}));
  EXPECT_NEAR(*QualityByBlocks(cropped.view()), quality, 5);
  Image deep(kSide, kSide, 1, SampleType::kU16);
  for (int i = 0; i < kSide * kSide; ++i) {
    deep.Row<std::uint16_t>(0)[i] =
        static_cast<std::uint16_t>(257 * jpeg.Row<std::uint8_t>(0)[3 * i]);
  }
  EXPECT_NEAR(*QualityByBlocks(deep.view()), quality, 5);
}

TEST(QualityByBlocks, ABadJpegThatWasSavedOnceMoreIsCleanedAsWhatItWas) {
  codec::Photo photo = PhotoAsJpeg(25);
  const double as_jpeg = NeededCleaning(photo);
  EXPECT_GT(as_jpeg, 0.3);
  photo.jpeg->quality = 95;
  EXPECT_NEAR(NeededCleaning(photo), as_jpeg, 0.12);
  photo.jpeg.reset();
  EXPECT_NEAR(NeededCleaning(photo), as_jpeg, 0.12);
  // What a file that was never saved again states itself is nearer to the truth.
  photo = PhotoAsJpeg(60);
  EXPECT_NEAR(NeededCleaning(photo), 0.008 * (75 - 60), 0.01);
}

TEST(QualityByBlocks, SeesNoneInWhatWasResizedOrIsTiny) {
  const Image jpeg = AsJpeg(30);
  EXPECT_FALSE(QualityByBlocks(Resize(jpeg.view(), kSide * 3 / 4, kSide * 3 / 4).view()));
  EXPECT_FALSE(QualityByBlocks(jpeg.view().Crop({0, 0, 40, kSide})));
}

}  // namespace
}  // namespace gpen::restore
