#include "restore/photo_blender.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/decode.h"
#include "codec/pictures_testing.h"
#include "codec/threads.h"

namespace gpen::restore {
namespace {

constexpr int kFace = 32;

// A gray photo, and one face in it that the network made white. As --aligned keeps it, so that its
// mask needs no landmarks.
class BlendAgainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(codec::Start());
    Image pixels(100, 80, 3, SampleType::kU8);
    std::fill_n(pixels.Row<std::uint8_t>(0), 100 * 80 * 3, std::uint8_t{100});
    const auto photo = codec::MakePhoto(std::move(pixels), codec::Format::kPng);
    std::vector<std::string> warnings;
    auto file = codec::Encode(photo, {}, &warnings);
    ASSERT_TRUE(file) << file.error().message();
    original_ = *std::move(file);
    kept_.aligned = true;
    kept_.patches.push_back(Face(10));
    kept_.patches.push_back(Face(60));
    request_.original = original_;
    request_.kept = &kept_;
    request_.strengths = {100, 0};
    request_.mode = Mode::kStrong;
    request_.protect_tone = false;
  }
  static FacePatch Face(double left) {
    FacePatch patch;
    patch.photo_from_crop = Translation({left, 20});
    patch.output = Image(kFace, kFace, 3, SampleType::kF32);
    std::fill_n(patch.output.Row<float>(0), kFace * kFace * 3, 1.0F);
    return patch;
  }
  // The first channel in the middle of each face, and between them.
  std::vector<int> Blended() {
    const auto blended = BlendAgain(request_);
    EXPECT_TRUE(blended) << blended.error().message();
    EXPECT_FALSE(blended->preview.empty());
    const auto photo = codec::Decode(blended->file, {});
    EXPECT_TRUE(photo) << photo.error().message();
    const auto* row = photo->pixels.Row<std::uint8_t>(36);
    return {row[3 * 26], row[3 * 76], row[3 * 51]};
  }

  std::vector<std::byte> original_;
  KeptFaces kept_;
  BlendRequest request_;
};

TEST_F(BlendAgainTest, EachFaceHasItsOwnStrength) {
  EXPECT_EQ(Blended(), (std::vector{255, 100, 100}));
  request_.strengths = {0, 100};
  EXPECT_EQ(Blended(), (std::vector{100, 255, 100}));
  request_.strengths = {100, 100};
  EXPECT_EQ(Blended(), (std::vector{255, 255, 100}));
  request_.strengths = {0, 0};
  EXPECT_EQ(Blended(), (std::vector{100, 100, 100}));
}

TEST_F(BlendAgainTest, AStrengthIsThePartOfTheChange) {
  request_.strengths = {50, 20};
  const auto blended = Blended();
  EXPECT_NEAR(blended[0], 100 + 0.5 * 155, 1);
  EXPECT_NEAR(blended[1], 100 + 0.2 * 155, 1);
}

TEST_F(BlendAgainTest, TheWeightOfTheFirstTimeIsNotAppliedAgain) {
  kept_.patches[0].weight = 0.5;
  EXPECT_EQ(Blended()[0], 255);
}

TEST_F(BlendAgainTest, ProtectedToneIsThePhotosOwn) {
  request_.protect_tone = true;
  EXPECT_NEAR(Blended()[0], 100, 1);
}

TEST_F(BlendAgainTest, TheFormatIsThePhotosUnlessChosen) {
  EXPECT_EQ(BlendAgain(request_)->format, codec::Format::kPng);
  request_.encode.format = codec::Format::kJpeg;
  const auto blended = BlendAgain(request_);
  ASSERT_TRUE(blended);
  EXPECT_EQ(blended->format, codec::Format::kJpeg);
  EXPECT_EQ(blended->file[0], std::byte{0xFF});
}

TEST_F(BlendAgainTest, SaysWhatIsWrongWithTheStrengths) {
  for (const auto& strengths : {std::vector<int>{}, std::vector{50}, std::vector{50, 50, 50},
                                std::vector{50, -1}, std::vector{101, 50}}) {
    request_.strengths = strengths;
    const auto refused = BlendAgain(request_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(refused.error().message().find("expected"), std::string::npos);
  }
}

TEST_F(BlendAgainTest, AWholePhotoNeedsItsNetworks) {
  request_.whole.clean = 50;
  EXPECT_EQ(BlendAgain(request_).error().code(), ErrorCode::kInternal);
  const WholePhoto none("no-such-folder", 1);
  request_.whole_photo = &none;
  EXPECT_EQ(BlendAgain(request_).error().code(), ErrorCode::kModelMissing);
  request_.whole = {};
  request_.whole.repair = 50;
  EXPECT_EQ(BlendAgain(request_).error().code(), ErrorCode::kModelMissing);
}

TEST_F(BlendAgainTest, AnotherFileIsAnError) {
  const std::vector<std::byte> nothing(10);
  request_.original = nothing;
  EXPECT_FALSE(BlendAgain(request_));
}

}  // namespace
}  // namespace gpen::restore
