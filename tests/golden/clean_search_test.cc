// Faces that only show once the photo is clean, or sharp.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <random>

#include "base/source_folder.h"
#include "face/face_finder.h"
#include "image/image_pyramid.h"
#include "image/resample.h"
#include "restore/soft_search.h"
#include "restore/whole_photo.h"
#include "test_photos.h"
#include "test_restorer.h"

namespace gpen {
namespace {

// A third as large, faded, with the grain of a fast film.
Image FadedAndGrainy(const Image& photo) {
  Image small = Resize(photo.view(), photo.width() / 3, photo.height() / 3);
  std::mt19937 random(1);
  std::normal_distribution<double> grain(0, 14);
  for (int y = 0; y < small.height(); ++y) {
    auto* pixel = small.Row<std::uint8_t>(y);
    for (int x = 0; x < small.width(); ++x, pixel += 3) {
      const double here = grain(random);
      for (int c = 0; c < 3; ++c) {
        pixel[c] = static_cast<std::uint8_t>(std::clamp(60 + 0.6 * pixel[c] + here, 0.0, 255.0));
      }
    }
  }
  return small;
}

TEST(CleanSearch, FindsFacesThatTheGrainHides) {
  const auto restorer = LoadRestorer();
  int found[2] = {0, 0};
  for (const auto& path : GroupPhotos()) {
    const auto file = PngOf(FadedAndGrainy(LoadPhoto(path).pixels));
    restore::RestoreRequest request;
    request.file = file;
    for (const int clean : {0, 50}) {
      request.options.clean = clean;
      const auto restored = restorer->Restore(request);
      ASSERT_TRUE(restored) << restored.error().message();
      found[clean / 50] += static_cast<int>(restored->report.faces.size());
    }
  }
  EXPECT_GT(found[1], found[0]);
  EXPECT_LE(found[1], 22);
}

TEST(CleanSearch, FindsFacesThatAreOutOfFocus) {
  const auto models = SourceFolder() / "models";
  const auto finder = face::FaceFinder::Create(models, 2).value();
  const restore::WholePhoto whole_photo(models, 2);
  const restore::WholePhoto without("no models here", 2);
  std::size_t before = 0;
  std::size_t after = 0;
  for (const auto& path : GroupPhotos()) {
    const Image photo = LoadPhoto(path).pixels.Clone();
    const Image small = Resize(photo.view(), photo.width() * 3 / 10, photo.height() * 3 / 10);
    const Image soft = ToBytes(GaussianBlur(ToFloat(small.view()).view(), 2.6).view());
    ImagePyramid pyramid(soft.view());
    auto found = finder.Find(&pyramid, {}).value();
    before += found.faces.size();
    ASSERT_TRUE(restore::FindMoreInSoft(finder, without, soft.view(), {}, 2, {}, &found));
    EXPECT_EQ(found.faces.size(), finder.Find(&pyramid, {}).value().faces.size());
    ASSERT_TRUE(restore::FindMoreInSoft(finder, whole_photo, soft.view(), {}, 2, {}, &found));
    after += found.faces.size();
    ImagePyramid of_small(small.view());
    auto sharp = finder.Find(&of_small, {}).value();
    const auto faces = sharp.faces.size();
    ASSERT_TRUE(restore::FindMoreInSoft(finder, whole_photo, small.view(), {}, 2, {}, &sharp));
    EXPECT_EQ(sharp.faces.size(), faces);
  }
  EXPECT_GE(after, before + 3);
  EXPECT_LE(after, 22U);
}

TEST(CleanSearch, SaysWhereAFaceLiesInThePhotoItself) {
  const auto finder = face::FaceFinder::Create(SourceFolder() / "models", 2).value();
  const Image full = LoadPhoto(GroupPhotos()[4]).pixels.Clone();
  const Image photo = Resize(full.view(), full.width() / 2, full.height() / 2);
  const Image enlarged = Resize(photo.view(), photo.width() * 2, photo.height() * 2);
  ImagePyramid pyramid(photo.view());
  ImagePyramid larger(enlarged.view());
  const auto found = finder.Find(&pyramid, {}).value();
  ASSERT_EQ(found.faces.size(), 5U);
  face::FoundFaces more;
  ASSERT_TRUE(finder.FindMore(&larger, 2, {}, {}, &more));
  ASSERT_EQ(more.faces.size(), found.faces.size());
  for (const auto& face : found.faces) {
    EXPECT_TRUE(std::ranges::any_of(more.faces, [&](const face::DetectedFace& other) {
      return Length(other.landmarks[30] - face.landmarks[30]) < 0.05 * face.size();
    }));
  }
  // What is known is not found twice, and who is unwanted stays so.
  face::FindOptions options;
  options.leave = {found.faces[0].box};
  auto again = finder.Find(&pyramid, options).value();
  ASSERT_TRUE(finder.FindMore(&larger, 2, options, {}, &again));
  EXPECT_EQ(again.faces.size(), 4U);
  EXPECT_EQ(again.unwanted.size(), 1U);
}

}  // namespace
}  // namespace gpen
