// Blending again without the network: the same strengths give the same photo, others change only
// the face that they are for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "base/source_folder.h"
#include "codec/decode.h"
#include "restore/kept_faces.h"
#include "restore/photo_blender.h"
#include "restore/photo_restorer.h"
#include "test_photos.h"
#include "test_restorer.h"

namespace gpen {
namespace {

class BlendTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto restorer = LoadRestorer();
    // A photo that needs restoring, without loss, so that pixels can be compared.
    original_ = PngOf(Degrade(LoadPhoto(GroupPhotos()[0]).pixels, 5.0, 6.0, 1));
    restore::RestoreRequest request;
    request.name = "test";
    request.file = original_;
    request.keep_faces = true;
    auto restored = restorer->Restore(request);
    ASSERT_TRUE(restored) << restored.error().message();
    first_ = std::make_unique<restore::RestoredPhoto>(std::move(*restored));
    kept_bytes_ = restore::SerializeFaces(first_->faces, false);
    auto kept = restore::ParseFaces(kept_bytes_);
    ASSERT_TRUE(kept) << kept.error().message();
    kept_ = std::make_unique<restore::KeptFaces>(std::move(*kept));
    for (const auto& patch : kept_->patches) {
      strengths_.push_back(static_cast<int>(std::lround(80 * patch.weight)));
    }
  }
  static void TearDownTestSuite() {
    first_.reset();
    kept_.reset();
  }

  static Result<restore::BlendedPhoto> Blend(const std::vector<int>& strengths) {
    restore::BlendRequest request;
    request.original = original_;
    request.kept = kept_.get();
    request.strengths = strengths;
    return restore::BlendAgain(request);
  }
  static Image PixelsOf(std::span<const std::byte> file) {
    return codec::Decode(file, {})->pixels.Clone();
  }
  // Largest difference of two pictures inside `area`.
  static int MostDifference(const Image& a, const Image& b, const Rect& area) {
    int most = 0;
    for (int y = area.top; y < area.bottom(); ++y) {
      for (int i = area.left * 3; i < area.right() * 3; ++i) {
        most = std::max(most, std::abs(a.Row<std::uint8_t>(y)[i] - b.Row<std::uint8_t>(y)[i]));
      }
    }
    return most;
  }
  static Rect BoxOf(std::size_t face, const Image& image) {
    const auto& box = first_->report.faces[face].face.box;
    return Intersect({static_cast<int>(box.left), static_cast<int>(box.top),
                      static_cast<int>(box.width()), static_cast<int>(box.height())},
                     image.view().bounds());
  }

  static std::vector<std::byte> original_;
  static std::vector<std::byte> kept_bytes_;
  static std::unique_ptr<restore::RestoredPhoto> first_;
  static std::unique_ptr<restore::KeptFaces> kept_;
  static std::vector<int> strengths_;
};

std::vector<std::byte> BlendTest::original_;
std::vector<std::byte> BlendTest::kept_bytes_;
std::unique_ptr<restore::RestoredPhoto> BlendTest::first_;
std::unique_ptr<restore::KeptFaces> BlendTest::kept_;
std::vector<int> BlendTest::strengths_;

TEST_F(BlendTest, TheSameStrengthsGiveTheSamePhoto) {
  ASSERT_GE(strengths_.size(), 2U);
  const auto again = Blend(strengths_);
  ASSERT_TRUE(again) << again.error().message();
  const Image a = PixelsOf(first_->file);
  const Image b = PixelsOf(again->file);
  // Not more than the crop's sampling and the kept picture's 16 bits account for.
  EXPECT_LE(MostDifference(a, b, a.view().bounds()), 2);
  EXPECT_GT(Psnr(a, b, a.view().bounds()), 55);
}

TEST_F(BlendTest, NoStrengthGivesTheOriginal) {
  const auto none = Blend(std::vector<int>(strengths_.size(), 0));
  ASSERT_TRUE(none) << none.error().message();
  const Image a = PixelsOf(original_);
  EXPECT_EQ(MostDifference(a, PixelsOf(none->file), a.view().bounds()), 0);
}

TEST_F(BlendTest, OneFaceIsSwitchedOffAlone) {
  auto strengths = strengths_;
  strengths[0] = 0;
  const auto blended = Blend(strengths);
  ASSERT_TRUE(blended) << blended.error().message();
  const Image original = PixelsOf(original_);
  const Image all = PixelsOf(Blend(strengths_)->file);
  const Image without = PixelsOf(blended->file);
  EXPECT_EQ(MostDifference(without, original, BoxOf(0, original)), 0);
  EXPECT_GT(MostDifference(all, original, BoxOf(0, original)), 3);
  EXPECT_EQ(MostDifference(without, all, BoxOf(1, original)), 0);
}

TEST_F(BlendTest, LessStrengthChangesLess) {
  const Image original = PixelsOf(original_);
  double last = 1e9;
  for (const int strength : {20, 50, 100}) {
    const auto blended = Blend(std::vector<int>(strengths_.size(), strength));
    ASSERT_TRUE(blended) << blended.error().message();
    const double likeness = Psnr(PixelsOf(blended->file), original, BoxOf(0, original));
    EXPECT_LT(likeness, last) << strength;
    last = likeness;
  }
}

TEST_F(BlendTest, SaysWhatItExpects) {
  EXPECT_EQ(Blend({80}).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Blend(std::vector<int>(strengths_.size(), 101)).error().code(),
            ErrorCode::kInvalidArgument);
}

TEST_F(BlendTest, DamagedKeptFacesAreRefused) {
  const std::span<const std::byte> whole = kept_bytes_;
  EXPECT_FALSE(restore::ParseFaces({}));
  EXPECT_FALSE(restore::ParseFaces(whole.first(whole.size() - 1)));
  EXPECT_FALSE(restore::ParseFaces(whole.first(whole.size() / 2)));
  auto flipped = kept_bytes_;
  flipped[1000] ^= std::byte{1};
  const auto refused = restore::ParseFaces(flipped);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("checksum"), std::string::npos);
}

// A still of a video, of somebody whose eyes a flash has made red.
Image RedEyedStill() {
  const Image pixels = LoadPhoto(SkimagePicture("astronaut.png")).pixels.Clone();
  Image still = pixels.Clone();
  constexpr int kMovement = 9;
  constexpr Point kPupils[] = {{207, 101}, {247, 102}};
  for (int y = 0; y < still.height(); ++y) {
    for (int x = 0; x < still.width(); ++x) {
      const int from = y % 2 == 0 ? x : std::max(0, x - kMovement);
      const bool is_red = std::ranges::any_of(
          kPupils, [&](const Point& at) { return std::hypot(from - at.x, y - at.y) < 3.2; });
      std::uint8_t* to = still.Row<std::uint8_t>(y) + 3 * x;
      std::copy_n(pixels.Row<std::uint8_t>(y) + 3 * from, 3, to);
      if (!is_red) continue;
      to[0] = 190;
      to[1] = 40;
      to[2] = 46;
    }
  }
  return still;
}

TEST(BlendAgain, MendsVideoRowsAndRedEyesAsTheFirstTime) {
  restore::RestoreRequest request;
  const auto original = PngOf(RedEyedStill());
  request.name = "test";
  request.file = original;
  request.keep_faces = true;
  request.options.clean = 30;
  request.options.enlarge = restore::Enlargement::k2;
  const auto first = LoadRestorer()->Restore(request);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_TRUE(first->report.patterns.interlaced);
  EXPECT_EQ(first->report.red_eyes, 2);
  const auto kept = restore::ParseFaces(restore::SerializeFaces(first->faces, false));
  ASSERT_TRUE(kept) << kept.error().message();
  ASSERT_EQ(kept->patches.size(), 1U);
  const restore::WholePhoto whole_photo(SourceFolder() / "models", 2);
  restore::BlendRequest again;
  again.original = original;
  again.kept = &*kept;
  again.strengths = {static_cast<int>(std::lround(80 * kept->patches[0].weight))};
  again.whole = request.options;
  again.whole_photo = &whole_photo;
  const auto blended = restore::BlendAgain(again);
  ASSERT_TRUE(blended) << blended.error().message();
  const Image a = codec::Decode(first->file, {})->pixels.Clone();
  const Image b = codec::Decode(blended->file, {})->pixels.Clone();
  EXPECT_GT(Psnr(a, b, a.view().bounds()), 50);
}

}  // namespace
}  // namespace gpen
