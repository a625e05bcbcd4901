// Real photos through the whole pipeline: faces found, nothing else touched, degraded faces brought
// nearer to the original, sharp ones not softened.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "base/source_folder.h"
#include "codec/decode.h"
#include "face/face_models.h"
#include "face/identity.h"
#include "image/resample.h"
#include "restore/photo_restorer.h"
#include "test_photos.h"
#include "test_restorer.h"

namespace gpen {
namespace {

const std::filesystem::path kModels = SourceFolder() / "models";

class GoldenTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { restorer_ = LoadRestorer(); }
  static void TearDownTestSuite() { restorer_.reset(); }

  static restore::RestoredPhoto Restore(std::span<const std::byte> file,
                                        const restore::RestoreOptions& options = {}) {
    restore::RestoreRequest request;
    request.name = "test";
    request.file = file;
    request.options = options;
    auto restored = restorer_->Restore(request);
    if (!restored) throw std::runtime_error(restored.error().message());
    return *std::move(restored);
  }
  static restore::RestoredPhoto RestoreFile(const std::filesystem::path& path) {
    return Restore(*ReadFile(path, 100 << 20));
  }
  static Image PixelsOf(const restore::RestoredPhoto& photo) {
    return codec::Decode(photo.file, {})->pixels.Clone();
  }

  static std::unique_ptr<restore::PhotoRestorer> restorer_;
};

std::unique_ptr<restore::PhotoRestorer> GoldenTest::restorer_;

// The pixels around a face's box, inside the picture.
Rect AreaOf(const face::DetectedFace& face, const Image& image) {
  const auto& box = face.box;
  return Intersect({static_cast<int>(box.left), static_cast<int>(box.top),
                    static_cast<int>(box.width()), static_cast<int>(box.height())},
                   image.view().bounds());
}

TEST_F(GoldenTest, FindsEveryFaceInTheGroupPhotos) {
  const int expected[] = {3, 3, 3, 4, 5, 4};
  const auto photos = GroupPhotos();
  for (std::size_t i = 0; i < photos.size(); ++i) {
    EXPECT_EQ(RestoreFile(photos[i]).report.restored_faces(), expected[i]) << photos[i];
  }
  EXPECT_EQ(RestoreFile(SkimagePicture("astronaut.png")).report.restored_faces(), 1);
}

TEST_F(GoldenTest, LeavesPicturesWithoutPeopleAlone) {
  for (const auto* name : {"chelsea.png",
                           "coffee.png",
                           "rocket.jpg",
                           "motorcycle_left.png",
                           "motorcycle_right.png",
                           "cell.png",
                           "gravel.png",
                           "grass.png",
                           "brick.png",
                           "clock_motion.png",
                           "coins.png",
                           "hubble_deep_field.jpg",
                           "moon.png",
                           "page.png",
                           "text.png",
                           "ihc.png",
                           "horse.png",
                           "logo.png",
                           "retina.jpg",
                           "phantom.png",
                           "color.png",
                           "microaneurysms.png"}) {
    const auto path = SkimagePicture(name);
    if (!std::filesystem::exists(path)) continue;  // Releases of the package differ a little.
    const auto restored = RestoreFile(path);
    EXPECT_EQ(restored.report.faces.size(), 0U) << name;
    EXPECT_FALSE(restored.report.warnings.empty()) << name;
  }
}

TEST_F(GoldenTest, TurnedPhotosAreRestoredToo) {
  const codec::Photo photo = LoadPhoto(GroupPhotos()[3]);
  const auto upright = Restore(PngOf(photo.pixels)).report;
  for (int turns = 1; turns < 4; ++turns) {
    const auto turned = Restore(PngOf(Rotate(photo.pixels.view(), turns))).report;
    ASSERT_EQ(turned.restored_faces(), upright.restored_faces()) << turns;
    EXPECT_EQ(turned.quarter_turns, 4 - turns);
    // The landmarks lie where they lie in the upright photo.
    const Affine upright_from_turned = RotateMap(photo.width(), photo.height(), turns);
    for (const auto& expected : upright.faces) {
      double nearest = 1e9;
      for (const auto& found : turned.faces) {
        double sum = 0;
        for (std::size_t i = 17; i < 68; ++i) {
          sum += Length(upright_from_turned(found.face.landmarks[i]) - expected.face.landmarks[i]);
        }
        nearest = std::min(nearest, sum / 51);
      }
      EXPECT_LT(nearest, 0.05 * expected.face.size()) << turns;
    }
  }
}

TEST_F(GoldenTest, DegradedFacesComeNearerToTheOriginal) {
  auto network = face::LoadFaceModel(kModels, face::kIdentity);
  ASSERT_TRUE(network);
  const auto identity = face::IdentityNet::Create(std::move(*network));
  ASSERT_TRUE(identity);
  double psnr_gain = 0;
  double similarity_gain = 0;
  int faces = 0;
  for (const auto& path : GroupPhotos()) {
    const codec::Photo photo = LoadPhoto(path);
    // Faces of 60 to 140 pixels, as old prints and phones of ten years ago have them.
    const Image original = Resize(photo.pixels.view(), photo.width() / 2, photo.height() / 2);
    const Image degraded = Degrade(original, 1.2, 2, 7);
    const auto restored = Restore(PngOf(degraded));
    const Image result = PixelsOf(restored);
    for (const auto& entry : restored.report.faces) {
      if (!entry.skipped.empty()) continue;
      const Rect area = AreaOf(entry.face, original);
      psnr_gain += Psnr(result, original, area) - Psnr(degraded, original, area);
      const auto points = face::AlignmentPoints(entry.face.landmarks);
      const auto truth = *identity->Describe(ToFloat(original.view()).view(), points, {});
      const auto before = *identity->Describe(ToFloat(degraded.view()).view(), points, {});
      const auto after = *identity->Describe(ToFloat(result.view()).view(), points, {});
      similarity_gain += face::Similarity(truth, after) - face::Similarity(truth, before);
      ++faces;
    }
  }
  ASSERT_GE(faces, 20);
  std::printf("mean over %d faces: PSNR %+.3f dB, identity similarity %+.4f\n", faces,
              psnr_gain / faces, similarity_gain / faces);
  EXPECT_GT(psnr_gain / faces, 0.0);
  EXPECT_GT(similarity_gain / faces, 0.0);
}

TEST_F(GoldenTest, ASharpLargeFaceStaysSharp) {
  // A face of about 1000 pixels with detail down to the single pixel.
  const codec::Photo photo = LoadPhoto(GroupPhotos()[5]);
  const auto found = RestoreFile(GroupPhotos()[5]);
  const auto& box = found.report.faces[0].face.box;
  const int side = static_cast<int>(box.width() * 2);
  const Rect around = Intersect({static_cast<int>(box.center().x) - side / 2,
                                 static_cast<int>(box.center().y) - side / 2, side, side},
                                photo.pixels.view().bounds());
  Image large = Resize(photo.pixels.view().Crop(around), around.width * 4, around.height * 4);
  // The enlarged photo lacks the finest detail: its own structure, four times finer, gives it.
  const Image tile = Resize(photo.pixels.view(), large.width(), large.height());
  const Image smooth = GaussianBlur(ToFloat(tile.view()).view(), 2);
  for (int y = 0; y < large.height(); ++y) {
    auto* row = large.Row<std::uint8_t>(y);
    for (int i = 0; i < large.width() * 3; ++i) {
      const float detail = tile.Row<std::uint8_t>(y)[i] - 255 * smooth.Row<float>(y)[i];
      row[i] =
          static_cast<std::uint8_t>(std::clamp(static_cast<float>(row[i]) + detail, 0.0F, 255.0F));
    }
  }
  for (const auto mode : {restore::Mode::kNatural, restore::Mode::kStrong}) {
    restore::RestoreOptions options;
    options.mode = mode;
    const auto restored = Restore(PngOf(large), options);
    ASSERT_GE(restored.report.restored_faces(), 1);
    const auto& face = restored.report.faces[0];
    EXPECT_GT(face.face.size(), 900);
    EXPECT_LT(face.scale, 0.5);
    const Rect area = AreaOf(face.face, large);
    const double kept = GradientEnergy(PixelsOf(restored), area) / GradientEnergy(large, area);
    std::printf("face of %.0f px keeps %.1f %% of its gradient energy\n", face.face.size(),
                100 * kept);
    // Of hair a strong restoration keeps in part what it has smoothed.
    EXPECT_GT(kept, mode == restore::Mode::kNatural ? 0.98 : 0.93);
  }
}

TEST_F(GoldenTest, PixelsOutsideFacesAreIdentical) {
  const codec::Photo photo = LoadPhoto(GroupPhotos()[3]);
  const auto png = PngOf(photo.pixels);
  restore::RestoreRequest request;
  request.file = png;
  request.keep_faces = true;
  const auto restored = restorer_->Restore(request);
  ASSERT_TRUE(restored);
  const Image result = PixelsOf(*restored);
  ASSERT_EQ(restored->report.restored_faces(), 4);
  int changed_inside = 0;
  int changed_outside = 0;
  for (int y = 0; y < photo.height(); ++y) {
    for (int x = 0; x < photo.width(); ++x) {
      if (std::memcmp(photo.pixels.Row<std::uint8_t>(y) + 3 * x,
                      result.Row<std::uint8_t>(y) + 3 * x, 3) == 0) {
        continue;
      }
      const bool inside = std::ranges::any_of(restored->faces, [&](const auto& patch) {
        const Point p = patch.photo_from_crop.Inverse()({1.0 * x, 1.0 * y});
        const double last = patch.mask.width() - 1;
        return p.x > 0 && p.x < last && p.y > 0 && p.y < last;
      });
      ++(inside ? changed_inside : changed_outside);
    }
  }
  EXPECT_GT(changed_inside, 10'000);
  EXPECT_EQ(changed_outside, 0);
}

TEST_F(GoldenTest, StrengthZeroGivesThePixelsBack) {
  const codec::Photo photo = LoadPhoto(SkimagePicture("astronaut.png"));
  restore::RestoreOptions options;
  options.strength = 0;
  const Image result = PixelsOf(Restore(PngOf(photo.pixels), options));
  EXPECT_EQ(std::memcmp(result.view().data(), photo.pixels.view().data(), result.size_bytes()), 0);
}

TEST_F(GoldenTest, GrayStaysGrayAndSepiaStaysSepia) {
  const codec::Photo photo = LoadPhoto(SkimagePicture("astronaut.png"));
  const Image degraded = Degrade(photo.pixels, 1, 2, 1);
  Image gray = degraded.Clone();
  Image sepia = degraded.Clone();
  for (int i = 0; i < gray.width() * gray.height(); ++i) {
    const auto* rgb = degraded.Row<std::uint8_t>(0) + 3 * i;
    const double luma = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    const double tone = 0.25 * luma * (255 - luma) / 255;
    std::fill_n(gray.Row<std::uint8_t>(0) + 3 * i, 3, static_cast<std::uint8_t>(luma));
    auto* brown = sepia.Row<std::uint8_t>(0) + 3 * i;
    brown[0] = static_cast<std::uint8_t>(std::min(255.0, luma + tone));
    brown[1] = static_cast<std::uint8_t>(luma);
    brown[2] = static_cast<std::uint8_t>(std::max(0.0, luma - tone));
  }
  const Image gray_result = PixelsOf(Restore(PngOf(gray)));
  const Image sepia_result = PixelsOf(Restore(PngOf(sepia)));
  int changed = 0;
  double tone_error = 0;
  for (int i = 0; i < gray.width() * gray.height(); ++i) {
    const auto* rgb = gray_result.Row<std::uint8_t>(0) + 3 * i;
    EXPECT_TRUE(rgb[0] == rgb[1] && rgb[1] == rgb[2]);
    changed += rgb[0] != gray.Row<std::uint8_t>(0)[3 * i];
    const auto* brown = sepia_result.Row<std::uint8_t>(0) + 3 * i;
    const double tone = 0.25 * brown[1] * (255 - brown[1]) / 255;
    tone_error = std::max(tone_error, std::abs(brown[0] - brown[1] - tone));
  }
  EXPECT_GT(changed, 2000) << "the face is restored all the same";
  EXPECT_LT(tone_error, 8);

  // A photo with one channel stays one.
  Image single(gray.width(), gray.height(), 1, SampleType::kU8);
  for (int i = 0; i < gray.width() * gray.height(); ++i) {
    single.Row<std::uint8_t>(0)[i] = gray.Row<std::uint8_t>(0)[3 * i];
  }
  EXPECT_EQ(PixelsOf(Restore(PngOf(single))).channels(), 1);
}

TEST_F(GoldenTest, SixteenBitsAndAlphaStay) {
  const codec::Photo photo = LoadPhoto(SkimagePicture("astronaut.png"));
  Image deep(photo.width(), photo.height(), 4, SampleType::kU16);
  for (int i = 0; i < photo.width() * photo.height(); ++i) {
    for (int c = 0; c < 3; ++c) {
      deep.Row<std::uint16_t>(0)[4 * i + c] =
          static_cast<std::uint16_t>(photo.pixels.Row<std::uint8_t>(0)[3 * i + c] * 257 - i % 100);
    }
    deep.Row<std::uint16_t>(0)[4 * i + 3] = static_cast<std::uint16_t>(i % 65536);
  }
  const Image result = PixelsOf(Restore(PngOf(deep)));
  ASSERT_EQ(result.type(), SampleType::kU16);
  ASSERT_EQ(result.channels(), 4);
  int changed = 0;
  for (int i = 0; i < photo.width() * photo.height(); ++i) {
    ASSERT_EQ(result.Row<std::uint16_t>(0)[4 * i + 3], i % 65536);
    changed += result.Row<std::uint16_t>(0)[4 * i] != deep.Row<std::uint16_t>(0)[4 * i];
  }
  EXPECT_GT(changed, 2000);
  EXPECT_LT(changed, photo.width() * photo.height() / 4);
}

TEST_F(GoldenTest, LimitsOnFacesAreKeptAndSaid) {
  restore::RestoreOptions options;
  options.find.max_faces = 2;
  const auto limited = Restore(*ReadFile(GroupPhotos()[4], 100 << 20), options);
  EXPECT_EQ(limited.report.restored_faces(), 2);
  EXPECT_EQ(limited.report.faces.size(), 5U);
  EXPECT_GE(limited.report.faces[0].face.size(), limited.report.faces[4].face.size());
  EXPECT_NE(limited.report.warnings.back().find("3 faces were left alone"), std::string::npos);

  options.find.max_faces = 64;
  options.find.min_face = 200;
  const auto large_only = Restore(*ReadFile(GroupPhotos()[4], 100 << 20), options);
  EXPECT_EQ(large_only.report.restored_faces(), 3);
  for (const auto& entry : large_only.report.faces) {
    EXPECT_EQ(entry.skipped.empty(), entry.face.size() >= 200);
  }
}

TEST_F(GoldenTest, StopsOnRequest) {
  std::stop_source stop;
  stop.request_stop();
  restore::RestoreRequest request;
  const auto bytes = *ReadFile(GroupPhotos()[0], 100 << 20);
  request.file = bytes;
  const auto restored = restorer_->Restore(request, stop.get_token());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace gpen
