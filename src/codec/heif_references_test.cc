#include "codec/heif_references.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/source_folder.h"
#include "codec/byte_writer.h"
#include "codec/decode.h"
#include "codec/heif_items.h"

namespace gpen::codec {
namespace {

std::vector<std::byte> CaseFile(const char* name) {
  const auto bytes = ReadFile(SourceFolder() / "tests/cli/cases" / name, 1 << 20);
  EXPECT_TRUE(bytes) << bytes.error().message();
  return *bytes;
}

TEST(HeifReferences, AFileOfIos18IsRead) {
  const auto file = CaseFile("h_ios18_aux_two.heic");
  const auto mended = WithSingleReferences(file);
  ASSERT_GT(mended.size(), file.size()) << "the new list follows the old file";
  EXPECT_TRUE(WithSingleReferences(mended).empty()) << "nothing is left to mend";
  const auto before = Decode(file, Limits());
  ASSERT_TRUE(before) << before.error().message();
  const auto after = Decode(mended, Limits());
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(before->width(), after->width());
}

TEST(HeifReferences, OthersAreLeftAlone) {
  EXPECT_TRUE(WithSingleReferences({}).empty());
  EXPECT_TRUE(WithSingleReferences(CaseFile("a_gainmap_aux.avif")).empty());
}

// Cut anywhere, it is refused or decoded, and nothing is read from outside.
TEST(HeifReferences, ADamagedFileDoesNoHarm) {
  const auto file = CaseFile("h_ios18_aux_two.heic");
  for (std::size_t size = 0; size < 1200; size += 7) {
    const std::span part(file.data(), size);
    [[maybe_unused]] const auto mended = WithSingleReferences(part);
    EXPECT_GE(OrientationOfPrimary(part), 1);
    EXPECT_EQ(FramesOfSequence(part), 0);
  }
}

TEST(HeifReferences, AnAnimationsPicturesAreCounted) {
  EXPECT_GT(FramesOfSequence(CaseFile("a_seq.avif")), 1);
  EXPECT_EQ(FramesOfSequence(CaseFile("hdr_pq.avif")), 0);
}

std::vector<std::byte> Number(std::uint64_t value, int bytes) {
  std::vector<std::byte> number;
  AppendUnsigned(value, bytes, ByteOrder::kBig, &number);
  return number;
}

std::vector<std::byte> Joined(std::initializer_list<std::vector<std::byte>> parts) {
  std::vector<std::byte> all;
  for (const auto& part : parts) Append(part, &all);
  return all;
}

std::vector<std::byte> Text(std::string_view text) {
  std::vector<std::byte> bytes;
  Append(text, &bytes);
  return bytes;
}

std::vector<std::byte> Box(std::string_view name, std::vector<std::byte> content) {
  return Joined({Number(content.size() + 8, 4), Text(name), content});
}

// Photo 1 of 100 x 100 pixels is a grid whose every tile is item 2, of 4000 x 4000.
std::vector<std::byte> GridOfOneTile(int tiles) {
  std::vector<std::byte> to_tile;
  for (int i = 0; i < tiles; ++i) Append(Number(2, 2), &to_tile);
  const auto references =
      Box("iref",
          Joined({Number(0, 4),
                  Box("dimg", Joined({Number(1, 2), Number(std::uint64_t(tiles), 2), to_tile}))}));
  const auto size = [](int side) {
    return Box("ispe", Joined({Number(0, 4), Number(std::uint64_t(side), 4),
                               Number(std::uint64_t(side), 4)}));
  };
  const auto properties =
      Box("iprp",
          Joined({Box("ipco", Joined({size(100), size(4000)})),
                  Box("ipma", Joined({Number(0, 4), Number(2, 4), Number(1, 2), Number(1, 1),
                                      Number(1, 1), Number(2, 2), Number(1, 1), Number(2, 1)}))}));
  const auto primary = Box("pitm", Joined({Number(0, 4), Number(1, 2)}));
  const auto types = Box("ftyp", Joined({Text("heic"), Number(0, 4), Text("mif1heic")}));
  return Joined({types, Box("meta", Joined({Number(0, 4), primary, references, properties}))});
}

TEST(HeifReferences, WhatIsDecodedIsCounted) {
  constexpr std::uint64_t kTile = 16'000'000;
  EXPECT_EQ(PixelsToDecode(GridOfOneTile(3)), 3 * kTile + 10'000);
  EXPECT_EQ(PixelsToDecode(GridOfOneTile(60'000)), 60'000 * kTile + 10'000);
  const auto bomb = Decode(GridOfOneTile(60'000), Limits());
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code(), ErrorCode::kImageTooLarge) << bomb.error().message();
  const auto few = Decode(GridOfOneTile(3), Limits());
  ASSERT_FALSE(few) << "it has no pixels";
  EXPECT_NE(few.error().code(), ErrorCode::kImageTooLarge) << few.error().message();
}

}  // namespace
}  // namespace gpen::codec
