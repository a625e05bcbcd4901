#include "restore/kept_faces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "base/file.h"
#include "base/sha256.h"

namespace gpen::restore {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t kDigestBytes = 64;
constexpr std::size_t kFileHeaderBytes = 16;
constexpr std::size_t kMapOffset = kFileHeaderBytes;
constexpr std::size_t kWeightOffset = kMapOffset + 6 * sizeof(double);
constexpr std::size_t kSideOffset = kWeightOffset + sizeof(double);
constexpr std::size_t kLandmarksOffset = kSideOffset + 2 * sizeof(std::uint32_t);

FacePatch Face(int side, double weight) {
  FacePatch patch;
  patch.photo_from_crop = Translation({40, -7}) * RotationAndScale(-25, 3.3);
  patch.weight = weight;
  patch.output = Image(side, side, 3, SampleType::kF32);
  for (int y = 0; y < side; ++y) {
    for (int i = 0; i < 3 * side; ++i) {
      patch.output.Row<float>(y)[i] = static_cast<float>((7 * y + i) % 100) / 99;
    }
  }
  for (std::size_t i = 0; i < patch.landmarks.size(); ++i) {
    patch.landmarks[i] = {1.5 * static_cast<double>(i), -2};
  }
  return patch;
}

Bytes TwoFaces() {
  std::vector<FacePatch> patches;
  patches.push_back(Face(4, 1));
  patches.push_back(Face(7, 0.5));
  return SerializeFaces(patches, false);
}

// With the checksum that fits: somebody who writes such a file can compute it too.
Bytes Signed(Bytes bytes) {
  const std::string digest = Sha256(std::span(bytes).first(bytes.size() - kDigestBytes));
  std::memcpy(bytes.data() + bytes.size() - kDigestBytes, digest.data(), kDigestBytes);
  return bytes;
}

template <typename Plain>
Bytes With(std::size_t offset, Plain value) {
  Bytes bytes = TwoFaces();
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
  return Signed(std::move(bytes));
}

std::string WhyNot(const Bytes& bytes) {
  const auto kept = ParseFaces(bytes);
  if (kept) return "they are fine";
  EXPECT_EQ(kept.error().code(), ErrorCode::kInternal);
  EXPECT_NE(kept.error().message().find("restore the photo again"), std::string::npos);
  return kept.error().message();
}

void ExpectIn(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(KeptFaces, ComeBackAsTheyWere) {
  const auto kept = ParseFaces(TwoFaces());
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_FALSE(kept->aligned);
  ASSERT_EQ(kept->patches.size(), 2U);
  const FacePatch expected = Face(7, 0.5);
  const FacePatch& found = kept->patches[1];
  EXPECT_EQ(found.photo_from_crop, expected.photo_from_crop);
  EXPECT_EQ(found.weight, 0.5);
  EXPECT_EQ(found.landmarks[67].x, expected.landmarks[67].x);
  EXPECT_TRUE(found.input.empty());
  EXPECT_TRUE(found.mask.empty());
  ASSERT_EQ(found.output.width(), 7);
  for (int y = 0; y < 7; ++y) {
    for (int i = 0; i < 21; ++i) {
      EXPECT_NEAR(found.output.Row<float>(y)[i], expected.output.Row<float>(y)[i], 0.5 / 65535);
    }
  }
}

TEST(KeptFaces, ValuesOutsideThePictureAreClamped) {
  std::vector<FacePatch> patches;
  patches.push_back(Face(1, 1));
  const float values[] = {-0.5F, 1.5F, 0.25F};
  std::copy_n(values, 3, patches[0].output.Row<float>(0));
  const auto kept = ParseFaces(SerializeFaces(patches, true));
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->aligned);
  const float* pixel = kept->patches[0].output.Row<float>(0);
  EXPECT_EQ(pixel[0], 0);
  EXPECT_EQ(pixel[1], 1);
  EXPECT_NEAR(pixel[2], 0.25F, 1e-5F);
}

TEST(KeptFaces, MasksComeBackAsTheyWereRounded) {
  std::vector<FacePatch> patches;
  patches.push_back(Face(5, 1));
  patches.push_back(Face(3, 1));
  patches[0].mask = Image(5, 5, 1, SampleType::kF32);
  for (int i = 0; i < 25; ++i) {
    patches[0].mask.Row<float>(0)[i] = 1.1F * static_cast<float>(i) / 24 - 0.05F;
  }
  RoundMask(&patches[0].mask);
  const Bytes bytes = SerializeFaces(patches, false);
  const auto kept = ParseFaces(bytes);
  ASSERT_TRUE(kept) << kept.error().message();
  const float* expected = patches[0].mask.Row<float>(0);
  EXPECT_EQ(expected[0], 0);
  EXPECT_EQ(expected[24], 1);
  ASSERT_EQ(kept->patches[0].mask.width(), 5);
  EXPECT_TRUE(std::equal(expected, expected + 25, kept->patches[0].mask.Row<float>(0)));
  EXPECT_TRUE(kept->patches[1].mask.empty());
  EXPECT_TRUE(ParseFaces(SerializeFaces(patches, true))->patches[0].mask.empty())
      << "an aligned face's mask is all of it";
  for (std::size_t size = kDigestBytes; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_NE(WhyNot(Signed(cut)), "they are fine") << size;
  }
}

TEST(KeptFaces, NoFaceIsAFileToo) {
  const auto kept = ParseFaces(SerializeFaces({}, false));
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->patches.empty());
}

// Files of version 0.1.0 are read for ever: this is the layout that it wrote.
TEST(KeptFaces, TheLayoutStays) {
  const Bytes bytes = TwoFaces();
  constexpr std::size_t kFaceHeaderBytes = 7 * 8 + 2 * 4 + 68 * 2 * 8;
  EXPECT_EQ(bytes.size(), kFileHeaderBytes + 2 * kFaceHeaderBytes + 6 * (4 * 4 + 7 * 7) + 64);
  EXPECT_EQ(AsText(bytes).substr(0, 8), "GPENFC01");
  std::uint32_t side = 0;
  std::memcpy(&side, bytes.data() + kSideOffset, sizeof(side));
  EXPECT_EQ(side, 4U);
  double x = 0;
  std::memcpy(&x, bytes.data() + kLandmarksOffset + 2 * sizeof(double), sizeof(x));
  EXPECT_EQ(x, 1.5);
}

TEST(KeptFaces, EveryCutIsNoticed) {
  const Bytes bytes = TwoFaces();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_NE(WhyNot(cut), "they are fine") << size;
    // The same with a checksum that fits.
    if (size >= kDigestBytes) {
      ASSERT_NE(WhyNot(Signed(cut)), "they are fine") << size;
    }
  }
}

TEST(KeptFaces, EveryFlippedBitIsNoticed) {
  const Bytes bytes = TwoFaces();
  for (std::size_t i = 0; i < bytes.size(); i += 5) {
    Bytes changed = bytes;
    changed[i] ^= std::byte{1};
    ASSERT_NE(WhyNot(changed), "they are fine") << i;
  }
}

TEST(KeptFaces, BytesThatSomebodyMadeAreToldFromOurs) {
  ExpectIn(WhyNot(With(7, '2')), "another version");
  ExpectIn(WhyNot(With(kSideOffset + 4, std::uint32_t{2})), "another version");
  ExpectIn(WhyNot(With(12, std::uint32_t{3})), "cut short");
  ExpectIn(WhyNot(With(12, std::uint32_t{1})), "something follows");
  ExpectIn(WhyNot(With(12, std::numeric_limits<std::uint32_t>::max())), "too many");
  for (const std::uint32_t side : {0U, 4097U, 4096U, 1U << 31U, 0xFFFFFFFFU}) {
    ExpectIn(WhyNot(With(kSideOffset, side)), "cut short");
  }
}

TEST(KeptFaces, FacesThatLieNowhereAreRefused) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  for (const double value : {kNan, kEndless, -kEndless, 1e300}) {
    ExpectIn(WhyNot(With(kMapOffset, value)), "nowhere");
    ExpectIn(WhyNot(With(kWeightOffset, value)), "nowhere");
  }
  for (const double value : {kNan, kEndless}) {
    ExpectIn(WhyNot(With(kMapOffset + 2 * sizeof(double), value)), "nowhere");
    ExpectIn(WhyNot(With(kLandmarksOffset, value)), "nowhere");
  }
  ExpectIn(WhyNot(With(kMapOffset, Affine{0, 0, 5, 0, 0, 5})), "nowhere");
  ExpectIn(WhyNot(With(kWeightOffset, -0.1)), "nowhere");
  ExpectIn(WhyNot(With(kWeightOffset, 1.1)), "nowhere");
}

}  // namespace
}  // namespace gpen::restore
