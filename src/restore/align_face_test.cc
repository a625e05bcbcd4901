#include "restore/align_face.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "base/folder_testing.h"
#include "face/alignment.h"
#include "restore/installed_models_testing.h"

namespace gpen::restore {
namespace {

constexpr int kSize = 128;

// A face whose alignment points lie where `photo_from_crop` takes the template's; its jaw is round.
face::Landmarks FaceAt(const Affine& photo_from_crop) {
  const auto points = face::TemplatePoints(nn::FaceTemplate::kFfhq, kSize);
  face::Landmarks landmarks;
  landmarks.fill(photo_from_crop({kSize / 2.0, kSize / 2.0}));
  for (int i = 0; i <= 16; ++i) {
    const double angle = std::numbers::pi * (1 - i / 16.0);
    landmarks[static_cast<std::size_t>(i)] = photo_from_crop(
        {kSize * (0.5 + 0.3 * std::cos(angle)), kSize * (0.5 + 0.4 * std::sin(angle))});
  }
  for (std::size_t i = 36; i <= 41; ++i) landmarks[i] = photo_from_crop(points[0]);
  for (std::size_t i = 42; i <= 47; ++i) landmarks[i] = photo_from_crop(points[1]);
  landmarks[30] = photo_from_crop(points[2]);
  landmarks[48] = photo_from_crop(points[3]);
  landmarks[54] = photo_from_crop(points[4]);
  return landmarks;
}

// Each pixel says where it is: red is its x, green its y.
codec::Photo Chart() {
  codec::Photo photo;
  photo.pixels = Image(250, 250, 3, SampleType::kU8);
  for (int y = 0; y < 250; ++y) {
    auto* pixel = photo.pixels.Row<std::uint8_t>(y);
    for (int x = 0; x < 250; ++x, pixel += 3) {
      pixel[0] = static_cast<std::uint8_t>(x);
      pixel[1] = static_cast<std::uint8_t>(y);
      pixel[2] = 0;
    }
  }
  return photo;
}

class AlignFaceTest : public ::testing::TestWithParam<Affine> {};

TEST_P(AlignFaceTest, TheCropShowsTheFaceUpright) {
  const Affine& expected = GetParam();
  const codec::Photo photo = Chart();
  std::vector<std::string> warnings;
  const auto colors = codec::ColorTransform::Create(photo, &warnings);
  ASSERT_TRUE(colors);
  const ImagePyramid pyramid(photo.pixels.view());
  const auto patch = AlignFace(pyramid, FaceAt(expected), nn::FaceTemplate::kFfhq, kSize, *colors);
  ASSERT_TRUE(patch);
  EXPECT_NEAR(patch->photo_from_crop.xx, expected.xx, 1e-9);
  EXPECT_NEAR(patch->photo_from_crop.yx, expected.yx, 1e-9);
  EXPECT_NEAR(patch->photo_from_crop.x0, expected.x0, 1e-6);
  EXPECT_NEAR(patch->scale(), 1 / expected.Scale(), 1e-9);
  EXPECT_NEAR(CropSide(FaceAt(expected), nn::FaceTemplate::kFfhq), kSize * expected.Scale(), 1e-6);
  ASSERT_EQ(patch->input.width(), kSize);
  ASSERT_EQ(patch->mask.width(), kSize);
  // The landmarks are the template's again...
  const auto points = face::TemplatePoints(nn::FaceTemplate::kFfhq, kSize);
  EXPECT_NEAR(patch->landmarks[30].x, points[2].x, 1e-6);
  EXPECT_NEAR(patch->landmarks[54].y, points[4].y, 1e-6);
  // ...and each pixel comes from where the map says.
  for (const auto& [x, y] : {std::pair{20, 30}, std::pair{64, 64}, std::pair{100, 90}}) {
    const Point from = patch->photo_from_crop({1.0 * x, 1.0 * y});
    const float* pixel = patch->input.Row<float>(y) + 3 * x;
    EXPECT_NEAR(pixel[0] * 255, from.x, 1.5);
    EXPECT_NEAR(pixel[1] * 255, from.y, 1.5);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Faces, AlignFaceTest,
    ::testing::Values(Translation({50, 60}),
                      Translation({100, 30}) * RotationAndScale(30, 0.8),      // Small, tilted.
                      Translation({10, 20}) * RotationAndScale(0, 1.7),        // Large.
                      Translation({230, 235}) * RotationAndScale(180, 1.4)));  // Upside down.

class AlignFacesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    InstallModel(folder_.path(), "gpen-lite-256", 256);
    InstallModel(folder_.path(), "gpen-lite-512", 512);
  }

  // A face of a grey photo of 640x640 pixels.
  FacePatch Align(const Affine& photo_from_face, std::string_view model, int enlarge,
                  FaceReport* face) const {
    codec::Photo photo;
    photo.pixels = Image(640, 640, 3, SampleType::kU8);
    std::fill_n(photo.pixels.Row<std::uint8_t>(0), 640 * 640 * 3, std::uint8_t{90});
    std::vector<std::string> warnings;
    const auto colors = codec::ColorTransform::Create(photo, &warnings);
    const auto networks =
        FaceNetworks::Load(std::make_shared<LoadedNetworks>(folder_.path(), 1), model);
    const ImagePyramid pyramid(photo.pixels.view());
    face->face.landmarks = FaceAt(photo_from_face);
    auto patches = AlignFaces(pyramid, *networks, *colors, enlarge, 1, {face, 1});
    return std::move(patches->front());
  }

  // The size of the crop, and the network, of a face whose crop has `crop_side` pixels a side.
  std::pair<int, std::string> Chosen(double crop_side, std::string_view model = kAutoModel,
                                     int enlarge = 1) const {
    FaceReport face;
    const auto patch = Align(Translation({20, 20}) * RotationAndScale(0, crop_side / kSize), model,
                             enlarge, &face);
    return {patch.input.width(), face.model};
  }

  TestFolder folder_;
};

TEST_F(AlignFacesTest, TheNetworkIsTheSmallestThatHasThePixelsOfTheFace) {
  EXPECT_EQ(Chosen(500), std::pair(512, std::string("gpen-lite-512 7")));
  EXPECT_EQ(Chosen(270).first, 512);
  EXPECT_EQ(Chosen(250), std::pair(256, std::string("gpen-lite-256 7")));
  EXPECT_EQ(Chosen(900).first, 512);
  EXPECT_EQ(Chosen(200, "gpen-lite-512").first, 512) << "it was asked for";
  EXPECT_EQ(Chosen(140, kAutoModel, 2).first, 512) << "of 280 pixels soon";
  EXPECT_EQ(Chosen(120, kAutoModel, 2).first, 256);
  EXPECT_EQ(Chosen(120, kAutoModel, 4).first, 256) << "four pixels of one are a guess";
}

TEST_F(AlignFacesTest, TheMaskEndsNearThePhotosBorder) {
  FaceReport face;
  const int beyond = 128;  // Pixels of the crop that lie left of the photo.
  const auto patch = Align(Translation({-1.0 * beyond, 200}) * RotationAndScale(0, 2.0),
                           "gpen-lite-256", 1, &face);
  const float* row = patch.mask.Row<float>(128);
  EXPECT_EQ(row[beyond - 4], 0);
  EXPECT_GT(row[beyond - 1], 0.5F) << "blending looks at a pixel beyond";
  EXPECT_GT(row[beyond], 0.5F);
}

}  // namespace
}  // namespace gpen::restore
