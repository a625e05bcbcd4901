// The shipped parsing network on real photos: masks hold hair, end where other people begin, and a
// restored face has the photo's grain.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <utility>

#include "base/file.h"
#include "base/source_folder.h"
#include "codec/decode.h"
#include "face/face_mask.h"
#include "face/face_parser.h"
#include "image/resample.h"
#include "image/warp.h"
#include "restore/grain.h"
#include "restore/photo_restorer.h"
#include "test_photos.h"
#include "test_restorer.h"

namespace gpen {
namespace {

class MaskTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { restorer_ = LoadRestorer(); }
  static void TearDownTestSuite() { restorer_.reset(); }

  static restore::RestoredPhoto Restore(std::span<const std::byte> file) {
    restore::RestoreRequest request;
    request.name = "test";
    request.file = file;
    request.keep_faces = true;
    auto restored = restorer_->Restore(request);
    if (!restored) throw std::runtime_error(restored.error().message());
    return *std::move(restored);
  }

  static std::unique_ptr<restore::PhotoRestorer> restorer_;
};

std::unique_ptr<restore::PhotoRestorer> MaskTest::restorer_;

// Half as large, soft, and with the noise of a small sensor.
Image SmallAndNoisy(const Image& photo) {
  Image small = GaussianBlur(
      ToFloat(Resize(photo.view(), photo.width() / 2, photo.height() / 2).view()).view(), 1.2);
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 9.0F / 255);
  for (int i = 0; i < small.width() * small.height() * small.channels(); ++i) {
    small.Row<float>(0)[i] += noise(random);
  }
  return ToBytes(small.view());
}

double Sum(const Image& mask) {
  double sum = 0;
  for (int i = 0; i < mask.width() * mask.height(); ++i) sum += mask.Row<float>(0)[i];
  return sum;
}

// The mask's value at the middle of some landmarks.
float At(const restore::FacePatch& patch, std::initializer_list<std::size_t> landmarks) {
  Point sum;
  for (const std::size_t i : landmarks) sum = sum + patch.landmarks[i];
  const Point at = sum * (1.0 / static_cast<double>(landmarks.size()));
  return patch.mask.Row<float>(static_cast<int>(at.y))[static_cast<int>(at.x)];
}

TEST_F(MaskTest, HoldsTheFaceAndItsHair) {
  double masks = 0;
  double outlines = 0;
  for (const auto& path : GroupPhotos()) {
    for (const auto& patch : Restore(*ReadFile(path, 100 << 20)).faces) {
      EXPECT_GT(At(patch, {27, 33}), 0.8) << path << ": between the eyes and the nose";
      masks += Sum(patch.mask);
      outlines += Sum(face::FaceMask(patch.landmarks, patch.mask.width()));
    }
  }
  EXPECT_GT(masks, 1.25 * outlines);
}

TEST_F(MaskTest, NoPixelBelongsToTwoFaces) {
  for (const auto& path : GroupPhotos()) {
    const auto photo = LoadPhoto(path);
    Image sum(photo.width(), photo.height(), 1, SampleType::kF32);
    std::fill_n(sum.Row<float>(0), photo.width() * photo.height(), 0.0F);
    for (const auto& patch : Restore(*ReadFile(path, 100 << 20)).faces) {
      const Image warped = Warp(patch.mask.view(), patch.photo_from_crop.Inverse(), photo.width(),
                                photo.height(), Interpolation::kLinear, Outside::kZero);
      for (int i = 0; i < photo.width() * photo.height(); ++i) {
        sum.Row<float>(0)[i] += warped.Row<float>(0)[i];
      }
    }
    float most = 0;
    for (int i = 0; i < photo.width() * photo.height(); ++i) {
      most = std::max(most, sum.Row<float>(0)[i]);
    }
    EXPECT_LT(most, 1.03) << path;
  }
}

TEST_F(MaskTest, ANoisyPhotosFacesAreNotClean) {
  const auto file = PngOf(SmallAndNoisy(LoadPhoto(GroupPhotos()[0]).pixels));
  const auto restored = Restore(file);
  const Image after = codec::Decode(restored.file, {})->pixels.Clone();
  const Image before = codec::Decode(file, {})->pixels.Clone();
  int measured = 0;
  for (const auto& patch : restored.faces) {
    const Image mask = Warp(patch.mask.view(), patch.photo_from_crop.Inverse(), after.width(),
                            after.height(), Interpolation::kLinear, Outside::kZero);
    const auto noise = [&](const Image& photo, restore::GrainPlace place) {
      const auto grain = restore::MeasureGrain(photo.view(), mask.view(), place);
      return grain ? grain->luma.pixel : 0.0F;
    };
    const float around = noise(before, restore::GrainPlace::kAroundFace);
    const float in_face = noise(before, restore::GrainPlace::kInFace);
    if (std::min(around, in_face) < 2.0F / 255) continue;
    ++measured;
    EXPECT_GT(noise(after, restore::GrainPlace::kInFace), 0.55F * std::min(around, in_face));
    EXPECT_LT(noise(after, restore::GrainPlace::kInFace), 1.2F * in_face);
  }
  EXPECT_GT(measured, 0);
}

}  // namespace
}  // namespace gpen
