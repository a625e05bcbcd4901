#include "codec/preview.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "codec/decode.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

std::vector<std::byte> Owned(std::string_view text) {
  return {AsBytes(text).begin(), AsBytes(text).end()};
}

// What a browser shows says neither where a photo was taken nor by whom.
TEST(Preview, CarriesNothingButColours) {
  Photo photo = MakePhoto(DrawPicture<std::uint8_t>(600, 40, 3), Format::kJpeg);
  photo.metadata.xmp = Owned("<rdf:RDF>at home</rdf:RDF>");
  photo.metadata.iptc = Owned("at home");
  photo.metadata.appended = Owned("a clip at home");
  photo.metadata.parts = {{"COM", Owned("at home"), "the comment"},
                          {"APP4", Owned("at home"), "data"},
                          {"8BIM", Owned("8BIMat home"), "settings"}};
  const auto preview = EncodePreview(photo);
  const auto whole = EncodeForBrowsers(std::move(photo), 80);
  ASSERT_TRUE(preview && whole);
  EXPECT_EQ(AsText(*preview).find("at home"), std::string_view::npos);
  EXPECT_EQ(AsText(*whole).find("at home"), std::string_view::npos);
}

TEST(Preview, IsSmall) {
  const Photo photo = MakePhoto(DrawPicture<std::uint8_t>(1024, 40, 3), Format::kPng);
  const auto file = EncodePreview(photo);
  ASSERT_TRUE(file);
  const auto preview = Decode(*file, Limits());
  ASSERT_TRUE(preview);
  EXPECT_EQ(preview->width(), 512);
  EXPECT_EQ(preview->height(), 20);
}

}  // namespace
}  // namespace gpen::codec
