// Faces out of real photos for training: what is kept, and why the others are left out.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <vector>

#include "base/file.h"
#include "base/source_folder.h"
#include "image/resample.h"
#include "restore/face_extractor.h"
#include "test_photos.h"

namespace gpen {
namespace {

using restore::Verdict;

class ExtractTest : public ::testing::Test {
 protected:
  ExtractTest() {
    options_.models_folder = SourceFolder() / "models";
    options_.threads = 2;
    options_.size = 160;  // The astronaut's face has about so many pixels.
  }

  std::vector<restore::ExtractedFace> Extract(const std::vector<std::byte>& file) {
    if (!extractor_) extractor_.emplace(*restore::FaceExtractor::Create(options_));
    auto faces = extractor_->Extract(file);
    if (!faces) throw std::runtime_error(faces.error().message());
    return *std::move(faces);
  }
  Verdict VerdictOf(const Image& pixels) {
    const auto faces = Extract(PngOf(pixels));
    EXPECT_EQ(faces.size(), 1);
    return faces.empty() ? Verdict::kKept : faces[0].verdict;
  }

  restore::ExtractOptions options_;
  std::optional<restore::FaceExtractor> extractor_;
  const Image astronaut_ = LoadPhoto(SkimagePicture("astronaut.png")).pixels.Clone();
};

TEST_F(ExtractTest, KeepsASharpFaceOnceAtTheSizeAsked) {
  const auto faces = Extract(PngOf(astronaut_));
  ASSERT_EQ(faces.size(), 1);
  ASSERT_EQ(faces[0].verdict, Verdict::kKept) << faces[0].reason;
  EXPECT_EQ(faces[0].crop.width(), 160);
  EXPECT_EQ(faces[0].crop.height(), 160);
  // Another file with the same picture, a little larger.
  const Image larger = Resize(astronaut_.view(), 600, 600);
  EXPECT_EQ(VerdictOf(larger), Verdict::kDuplicate);
}

TEST_F(ExtractTest, LeavesOutABlurredFace) {
  const Image blurred = ToBytes(GaussianBlur(ToFloat(astronaut_.view()).view(), 1.5).view());
  EXPECT_EQ(VerdictOf(blurred), Verdict::kSoft);
}

TEST_F(ExtractTest, LeavesOutATinyFace) {
  EXPECT_EQ(VerdictOf(Resize(astronaut_.view(), 256, 256)), Verdict::kTiny);
}

TEST_F(ExtractTest, LeavesOutAFaceAtTheEdge) {
  // The face lies about (223, 126): the upper part of its crop is cut away here.
  const Rect below_forehead = {0, 75, 512, 437};
  EXPECT_EQ(VerdictOf(CopyOf(astronaut_.view().Crop(below_forehead))), Verdict::kCutOff);
}

TEST_F(ExtractTest, KeepsDifferentPeople) {
  options_.max_enlargement = 4;
  options_.least_sharpness = 0;
  int faces = 0;
  for (const auto& photo : GroupPhotos()) {
    for (const auto& face : Extract(*ReadFile(photo, 100 << 20))) {
      EXPECT_NE(face.verdict, Verdict::kDuplicate) << photo << ": " << face.reason;
      ++faces;
    }
  }
  EXPECT_EQ(faces, 22);
}

TEST_F(ExtractTest, ABrokenFileIsAnError) {
  std::vector<std::byte> cut = PngOf(astronaut_);
  cut.resize(cut.size() / 2);
  EXPECT_FALSE(restore::FaceExtractor::Create(options_)->Extract(cut));
}

}  // namespace
}  // namespace gpen
