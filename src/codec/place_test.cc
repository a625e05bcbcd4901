#include "codec/place.h"

#include <gtest/gtest.h>

#include <exiv2/exiv2.hpp>

#include "base/file.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;

constexpr std::string_view kLatitude = "48/1 51/1 2999/100";

File Exif(Exiv2::ByteOrder order) {
  Exiv2::ExifData data;
  data["Exif.Image.Make"] = "A camera";
  data["Exif.Image.Copyright"] = "An owner with a long name";
  data["Exif.Photo.DateTimeOriginal"] = "2004:05:06 07:08:09";
  data["Exif.GPSInfo.GPSLatitude"] = std::string(kLatitude);
  data["Exif.GPSInfo.GPSLatitudeRef"] = "N";
  data["Exif.GPSInfo.GPSAreaInformation"] = "The village of Anonymous";
  Exiv2::Blob blob;
  Exiv2::ExifParser::encode(blob, order, data);
  File file;
  for (const auto byte : blob) file.push_back(static_cast<std::byte>(byte));
  return file;
}

Exiv2::ExifData Parsed(const File& exif) {
  Exiv2::ExifData data;
  Exiv2::ExifParser::decode(data, reinterpret_cast<const Exiv2::byte*>(exif.data()),
                            static_cast<std::uint32_t>(exif.size()));
  return data;
}

constexpr std::string_view kXmp =
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
    "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" "
    "xmlns:exif=\"http://ns.adobe.com/exif/1.0/\" exif:GPSLatitude=\"48,51.5N\" "
    "xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\" photoshop:City=\"Anonymous\" "
    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:format=\"image/jpeg\">"
    "<exif:GPSLongitude>2,17.4E</exif:GPSLongitude>"
    "<exif:GPSTimeStamp>2004-05-06T07:08:09Z</exif:GPSTimeStamp>"
    "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li Iptc4xmpExt:City=\"Anonymous\"/></rdf:Bag>"
    "</Iptc4xmpExt:LocationCreated></rdf:Description></rdf:RDF></x:xmpmeta>";

constexpr std::string_view kIptc(
    "\x1C\x02\x78\x00\x05Hello\x1C\x02\x5A\x00\x09"
    "Anonymous\x1C\x02\x19\x00\x06"
    "family",
    35);

File Owned(std::string_view text) {
  const auto bytes = AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

Photo PhotoWithPlace(Exiv2::ByteOrder order) {
  Photo photo = MakePhoto(DrawPicture<std::uint8_t>(40, 30, 3), Format::kJpeg);
  photo.metadata.exif = Exif(order);
  photo.metadata.xmp = Owned(kXmp);
  photo.metadata.iptc = Owned(kIptc);
  return photo;
}

bool Holds(const File& file, std::string_view text) {
  return AsText(file).find(text) != std::string_view::npos;
}

TEST(RemovePlace, LeavesNoneOfItInAFileAndAllElse) {
  for (const auto order : {Exiv2::littleEndian, Exiv2::bigEndian}) {
    for (const auto format : {Format::kJpeg, Format::kPng, Format::kWebp, Format::kTiff}) {
      Photo photo = PhotoWithPlace(order);
      EXPECT_TRUE(RemovePlace(&photo));
      EncodeOptions options;
      options.format = format;
      const auto file = Encode(photo, options, nullptr);
      ASSERT_TRUE(file) << file.error().message();
      EXPECT_FALSE(Holds(*file, "Anonymous"));
      EXPECT_FALSE(Holds(*file, "GPSL"));
      const auto decoded = Decode(*file, {});
      ASSERT_TRUE(decoded);
      const auto exif = Parsed(decoded->metadata.exif);
      for (const auto& entry : exif) EXPECT_NE(entry.groupName(), "GPSInfo") << entry.key();
      const auto text = [&](const char* key) {
        const auto found = exif.findKey(Exiv2::ExifKey(key));
        return found == exif.end() ? "" : found->toString();
      };
      EXPECT_EQ(text("Exif.Image.Make"), "A camera");
      EXPECT_EQ(text("Exif.Image.Copyright"), "An owner with a long name");
      EXPECT_EQ(text("Exif.Photo.DateTimeOriginal"), "2004:05:06 07:08:09");
      EXPECT_TRUE(Holds(decoded->metadata.xmp, "dc:format=\"image/jpeg\""));
      if (format == Format::kWebp) continue;
      EXPECT_TRUE(Holds(decoded->metadata.iptc, "Hello"));
      EXPECT_TRUE(Holds(decoded->metadata.iptc, "family"));
    }
  }
}

TEST(RemovePlace, SaysWhetherThereWasOne) {
  Photo photo = PhotoWithPlace(Exiv2::littleEndian);
  EXPECT_TRUE(RemovePlace(&photo));
  const File exif = photo.metadata.exif;
  EXPECT_FALSE(RemovePlace(&photo));
  EXPECT_EQ(photo.metadata.exif, exif);
  Photo none = MakePhoto(DrawPicture<std::uint8_t>(4, 3, 3), Format::kPng);
  EXPECT_FALSE(RemovePlace(&none));
}

TEST(RemovePlace, WhatFollowsThePictureIsNamed) {
  Photo photo = MakePhoto(DrawPicture<std::uint8_t>(40, 30, 3), Format::kJpeg);
  photo.metadata.appended = Owned("a clip that may tell the place");
  EXPECT_TRUE(RemovePlace(&photo));
  std::vector<std::string> warnings;
  const auto file = Encode(photo, {}, &warnings);
  ASSERT_TRUE(file);
  EXPECT_FALSE(Holds(*file, "a clip"));
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("it may tell where the photo was taken"), std::string::npos);
}

TEST(RemovePlace, MetadataThatCannotBeEditedIsNamed) {
  Photo photo = MakePhoto(DrawPicture<std::uint8_t>(40, 30, 3), Format::kJpeg);
  photo.metadata.xmp = Owned("a packet in UTF-16");
  photo.metadata.parts.push_back({"APP1", Owned("http://ns.adobe.com/xmp/extension/ more"), ""});
  EXPECT_TRUE(RemovePlace(&photo));
  EXPECT_TRUE(photo.metadata.xmp.empty());
  EXPECT_TRUE(photo.metadata.parts.empty());
  ASSERT_EQ(photo.losses.size(), 2U);
  EXPECT_EQ(photo.losses[0], "the XMP metadata is left out: it may tell where the photo was taken");
  EXPECT_EQ(photo.losses[1],
            "the extended XMP metadata is left out: it may tell where the photo was taken");
}

TEST(RemovePlace, StandsDamagedMetadata) {
  const File whole = Exif(Exiv2::littleEndian);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Photo photo = MakePhoto(DrawPicture<std::uint8_t>(4, 3, 3), Format::kJpeg);
    photo.metadata.exif.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    photo.metadata.iptc.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    RemovePlace(&photo);
    EXPECT_LE(photo.metadata.exif.size(), length);
  }
}

}  // namespace
}  // namespace gpen::codec
