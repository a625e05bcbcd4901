#include "remote/photo_parcel.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "remote/worker_about.h"

namespace gpen::remote {
namespace {

std::vector<std::byte> Bytes(std::string_view text) {
  const auto bytes = AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

restore::RestoredFiles Files() {
  restore::RestoredFiles files;
  files.file = Bytes("the photo");
  files.format = codec::Format::kPng;
  files.report =
      R"({"width": 30, "height": 20, "enlarged": 2, "restored_anything": true, "times_ms": {"decode": 1.5}})";
  files.faces = Bytes("faces");
  files.before_preview = Bytes("before");
  files.mask_preview = Bytes("mask");
  files.machine = "gpen@pc";
  return files;
}

TEST(PhotoParcel, ComesAsItWent) {
  const auto read = ParseParcel(FormatParcel(Files()));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->file, Bytes("the photo"));
  EXPECT_EQ(read->format, codec::Format::kPng);
  EXPECT_EQ(read->report, Files().report);
  EXPECT_EQ(read->faces, Bytes("faces"));
  EXPECT_EQ(read->before_preview, Bytes("before"));
  EXPECT_TRUE(read->after_preview.empty());
  EXPECT_EQ(read->mask_preview, Bytes("mask"));
  EXPECT_EQ(read->machine, "gpen@pc");
  EXPECT_EQ(read->figures.width, 30);
  EXPECT_EQ(read->figures.enlarged, 2);
  EXPECT_FALSE(read->figures.cleaned);
  EXPECT_TRUE(read->figures.restored_anything);
  EXPECT_DOUBLE_EQ(read->figures.times.total_ms(), 1.5);
}

TEST(PhotoParcel, RefusesWhatIsNotWhole) {
  const auto whole = FormatParcel(Files());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseParcel(std::span(whole).first(size))) << size;
  }
  auto longer = whole;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(ParseParcel(longer));
}

TEST(PhotoParcel, RefusesWhatOthersMadeUp) {
  const auto parcel = [](const std::string& header, const std::string& length = "") {
    const std::string digits = length.empty() ? fmt::format("{:08x}", header.size()) : length;
    return ParseParcel(Bytes("gpen parcel 1\n" + digits + header + "abcd"));
  };
  const std::string good =
      R"({"format": "png", "machine": "m", "report": "", "sizes": [4, 0, 0, 0, 0]})";
  EXPECT_TRUE(parcel(good));
  EXPECT_FALSE(parcel(good, "ffffffff"));
  EXPECT_FALSE(parcel(good, "0000zz00"));
  for (
      const char* bad :
      {"", "[]", "{}",
       R"({"format": "exe", "machine": "m", "report": "", "sizes": [4, 0, 0, 0, 0]})",
       R"({"format": "png", "machine": 1, "report": "", "sizes": [4, 0, 0, 0, 0]})",
       R"({"format": "png", "machine": "m", "report": "", "sizes": [4, 0, 0, 0]})",
       R"({"format": "png", "machine": "m", "report": "", "sizes": [0, 4, 0, 0, 0]})",
       R"({"format": "png", "machine": "m", "report": "", "sizes": [18446744073709551615, 5, 0, 0, 0]})",
       R"({"format": "png", "machine": "m", "report": "", "sizes": ["4", 0, 0, 0, 0]})"}) {
    EXPECT_FALSE(parcel(bad)) << bad;
  }
}

TEST(WorkerAbout, ComesAsItWent) {
  const auto read =
      ParseAbout(FormatAbout({"abc", {"album", "exchange"}, {"nas:7860"}, {{"mine", "def"}}}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->models, "abc");
  EXPECT_EQ(read->roots, (std::vector<std::string>{"album", "exchange"}));
  EXPECT_EQ(read->hosts, std::vector<std::string>{"nas:7860"});
  EXPECT_EQ(read->named.at("mine"), "def");
  const auto earlier = ParseAbout(R"({"models": "abc", "roots": [], "hosts": []})");
  ASSERT_TRUE(earlier);
  EXPECT_TRUE(earlier->named.empty());
  for (const char* other : {"", "x", "[]", "{}", R"({"models": 1, "roots": [], "hosts": []})"}) {
    EXPECT_FALSE(ParseAbout(other)) << other;
  }
  EXPECT_NE(FingerprintOf({"a", "b"}), FingerprintOf({"a", "c"}));
}

}  // namespace
}  // namespace gpen::remote
