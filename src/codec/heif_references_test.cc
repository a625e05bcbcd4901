#include "codec/heif_references.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/source_folder.h"
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

}  // namespace
}  // namespace gpen::codec
