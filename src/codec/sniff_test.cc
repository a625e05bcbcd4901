#include "codec/sniff.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

TEST(SniffTest, KnowsOurFormats) {
  EXPECT_EQ(*SniffFormat(AsBytes("\xFF\xD8\xFF\xE0"sv)), Format::kJpeg);
  EXPECT_EQ(*SniffFormat(AsBytes("\x89PNG\r\n\x1A\n"sv)), Format::kPng);
  EXPECT_EQ(*SniffFormat(AsBytes("RIFF\x10\0\0\0WEBPVP8 "sv)), Format::kWebp);
  EXPECT_EQ(*SniffFormat(AsBytes("II*\0\x08\0\0\0"sv)), Format::kTiff);
  EXPECT_EQ(*SniffFormat(AsBytes("MM\0*\0\0\0\x08"sv)), Format::kTiff);
  EXPECT_EQ(*SniffFormat(AsBytes("II+\0\x08\0\0\0"sv)), Format::kTiff);
  EXPECT_EQ(*SniffFormat(AsBytes("\0\0\0\x18"
                                 "ftypheic\0\0\0\0mif1heic"sv)),
            Format::kHeic);
  EXPECT_EQ(*SniffFormat(AsBytes("\0\0\0\x1C"
                                 "ftypmif1\0\0\0\0mif1miafavif"sv)),
            Format::kAvif);
  EXPECT_EQ(*SniffFormat(AsBytes("\0\0\0\x18"
                                 "ftypmif1\0\0\0\0mif1heic"sv)),
            Format::kHeic);
  EXPECT_EQ(*SniffFormat(AsBytes("\0\0\0\x18"
                                 "ftypavif\0\0\0\0mif1heic"sv)),
            Format::kAvif);
}

struct Other {
  std::string_view bytes;
  std::string_view looks_like;
};

TEST(SniffTest, SaysWhatOthersLookLike) {
  for (const Other& other : {
           Other{"", "an empty file"},
           Other{"GIF89a....", "a GIF image"},
           Other{"BM6\0\0\0"sv, "a BMP image"},
           Other{"%PDF-1.7", "a PDF document"},
           Other{"<?xml version=\"1.0\"?><svg>", "an SVG drawing"},
           Other{"<!DOCTYPE html><html>", "an HTML page"},
           Other{"Dear all,\nplease find", "text"},
           Other{"PK\x03\x04....", "a ZIP archive"},
           Other{"\0\0\0\x18"
                 "ftypmp42\0\0\0\0"sv,
                 "an MP4 video"},
           Other{"\0\0\0\x14"
                 "ftypqt  \0\0\0\0"sv,
                 "a QuickTime video"},
           Other{"\xFF\x0A\0\0"sv, "a JPEG XL image"},
           Other{"II*\0\x10\0\0\0CR\x02\0"sv, "a Canon RAW photo (CR2)"},
           Other{"\0\0\0\x18"
                 "ftypcrx \0\0\0\0"sv,
                 "a Canon RAW photo (CR3)"},
           Other{"FUJIFILMCCD-RAW 0201", "a Fujifilm RAW photo"},
           Other{"\0\0\0\0\0\0\0\0"sv, "zero bytes only"},
           Other{"\x8B\x01\x99\xE7\0\x42"sv, "it begins with 8B 01 99 E7 00 42"},
       }) {
    const auto format = SniffFormat(AsBytes(other.bytes));
    ASSERT_FALSE(format) << other.looks_like;
    EXPECT_EQ(format.error().code(), ErrorCode::kUnsupportedFormat);
    EXPECT_NE(format.error().message().find(other.looks_like), std::string::npos)
        << format.error().message();
  }
}

TEST(SniffTest, NamesAndExtensions) {
  for (const Format format :
       {Format::kJpeg, Format::kPng, Format::kWebp, Format::kTiff, Format::kHeic, Format::kAvif}) {
    EXPECT_EQ(FormatFromName(NameOf(format)), format);
    EXPECT_EQ(FormatFromName(ExtensionOf(format)), format);
  }
  EXPECT_EQ(FormatFromName(".JPG"), Format::kJpeg);
  EXPECT_EQ(FormatFromName("tiff"), Format::kTiff);
  EXPECT_FALSE(FormatFromName("gif"));
  EXPECT_FALSE(FormatFromName(""));
}

}  // namespace
}  // namespace gpen::codec
