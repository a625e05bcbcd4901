// What the files that we write say of themselves, read back by exiv2 and compared tag by tag.
#include <gtest/gtest.h>

#include <exiv2/exiv2.hpp>
#include <set>

#include "base/file.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/exif_block.h"
#include "codec/exif_in_tiff.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;

constexpr Format kAllFormats[] = {Format::kJpeg, Format::kPng,  Format::kWebp,
                                  Format::kTiff, Format::kHeic, Format::kAvif};

// What is meant to change, and where things lie.
const std::set<std::string>& ChangingTags() {
  static const std::set<std::string> tags = {
      "Exif.Image.Orientation",     "Exif.Image.Software",
      "Exif.Photo.PixelXDimension", "Exif.Image.ExifTag",
      "Exif.Photo.PixelYDimension", "Exif.Image.GPSTag",
      "Exif.Image.ImageWidth",      "Exif.Photo.InteroperabilityTag",
      "Exif.Image.ImageLength",     "Exif.MakerNote.Offset"};
  return tags;
}

File ToBytes(const Exiv2::Blob& blob) {
  const auto* bytes = reinterpret_cast<const std::byte*>(blob.data());
  return {bytes, bytes + blob.size()};
}

const Exiv2::byte* Data(const File& file) {
  return reinterpret_cast<const Exiv2::byte*>(file.data());
}

Exiv2::ExifData CameraExif() {
  Exiv2::ExifData exif;
  exif["Exif.Image.Make"] = "Canon";
  exif["Exif.Image.Model"] = "Canon EOS 5D";
  exif["Exif.Image.Orientation"] = std::uint16_t{6};
  exif["Exif.Image.Software"] = "Firmware 1.0.0";
  exif["Exif.Image.ImageDescription"] = "Grandmother in the garden, 1987";
  exif["Exif.Image.Copyright"] = "A family";
  exif["Exif.Image.XResolution"] = Exiv2::URational(300, 1);
  exif["Exif.Image.YResolution"] = Exiv2::URational(300, 1);
  exif["Exif.Image.ResolutionUnit"] = std::uint16_t{2};
  exif["Exif.Image.0xfde8"] = "a tag that nobody knows";
  exif["Exif.Photo.DateTimeOriginal"] = "1987:06:05 12:34:56";
  exif["Exif.Photo.ExposureTime"] = Exiv2::URational(1, 250);
  exif["Exif.Photo.ExposureBiasValue"] = Exiv2::Rational(-2, 3);
  exif["Exif.Photo.PixelXDimension"] = std::uint32_t{61};
  exif["Exif.Photo.PixelYDimension"] = std::uint32_t{83};
  exif["Exif.Photo.UserComment"] = "charset=Ascii A comment";
  exif["Exif.Photo.LensSpecification"] = Exiv2::URational(24, 1);
  exif["Exif.Photo.0xfde9"] = "another unknown tag";
  exif["Exif.Iop.InteroperabilityIndex"] = "R98";
  exif["Exif.GPSInfo.GPSLatitudeRef"] = "N";
  auto latitude = Exiv2::Value::create(Exiv2::unsignedRational);
  latitude->read("48/1 8/1 3599/100");
  exif.add(Exiv2::ExifKey("Exif.GPSInfo.GPSLatitude"), latitude.get());
  // In Canon's MakerNote values lie at offsets that count from the start of the EXIF block.
  exif["Exif.Canon.OwnerName"] = "An owner with a name longer than four bytes";
  exif["Exif.Canon.FirmwareVersion"] = "Firmware Version 1.0.0";
  const File thumbnail = {std::byte{0xFF}, std::byte{0xD8}, std::byte{0xFF}, std::byte{0xD9}};
  Exiv2::ExifThumb(exif).setJpegThumbnail(Data(thumbnail), static_cast<long>(thumbnail.size()));
  return exif;
}

File CameraBlock(Exiv2::ByteOrder order) {
  Exiv2::Blob blob;
  Exiv2::ExifData exif = CameraExif();
  Exiv2::ExifParser::encode(blob, order, exif);
  return ToBytes(blob);
}

Exiv2::ExifData Parsed(const File& block) {
  Exiv2::ExifData exif;
  Exiv2::ExifParser::decode(exif, Data(block), static_cast<std::uint32_t>(block.size()));
  return exif;
}

/// Every tag of `before` is in `after` with type, count and value, but for those meant to change.
void ExpectSameTags(const Exiv2::ExifData& before, const Exiv2::ExifData& after,
                    const std::set<std::string>& except = {}) {
  int compared = 0;
  for (const auto& datum : before) {
    const std::string key = datum.key();
    if (ChangingTags().count(key) != 0 || except.count(key) != 0 ||
        datum.groupName() == "Thumbnail")
      continue;
    const auto found = after.findKey(Exiv2::ExifKey(key));
    ASSERT_NE(found, after.end()) << key << " is lost";
    EXPECT_EQ(found->typeId(), datum.typeId()) << key;
    EXPECT_EQ(found->count(), datum.count()) << key;
    EXPECT_EQ(found->toString(), datum.toString()) << key;
    ++compared;
  }
  EXPECT_GE(compared, 15);
}

void ExpectEdited(const Exiv2::ExifData& after) {
  const auto text = [&](const char* key) {
    const auto found = after.findKey(Exiv2::ExifKey(key));
    return found == after.end() ? "missing" : found->toString();
  };
  EXPECT_EQ(text("Exif.Image.Orientation"), "1");
  EXPECT_EQ(text("Exif.Image.Software"), "GPEN-NAS test; model 1");
  EXPECT_EQ(text("Exif.Photo.PixelXDimension"), "83");
  EXPECT_EQ(text("Exif.Photo.PixelYDimension"), "61");
  EXPECT_EQ(std::string_view(Exiv2::ExifThumbC(after).mimeType()), "");  // No thumbnail.
}

constexpr std::string_view kXmp =
    "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
    "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description "
    "rdf:about=\"uuid:1\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
    "xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\" tiff:Orientation=\"6\" dc:format=\"image/jpeg\">"
    "<dc:subject><rdf:Bag><rdf:li>family</rdf:li><rdf:li>garden</rdf:li></rdf:Bag></dc:subject>"
    "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>";

constexpr std::string_view kIptc(
    "\x1C\x02\x78\x00\x05"
    "Hello"
    "\x1C\x02\x19\x00\x06"
    "family",
    21);

/// More than one JPEG segment holds. Only its size, at the beginning, is what a profile has there.
File LargeProfile() {
  File icc = {std::byte{0}, std::byte{1}, std::byte{0x11}, std::byte{0x70}};
  for (unsigned i = 4; i < 0x11170; ++i) icc.push_back(static_cast<std::byte>(i * i / 7 & 0xFF));
  return icc;
}

Photo CameraPhoto(Exiv2::ByteOrder order, SampleType type = SampleType::kU8) {
  Photo photo = MakePhoto(type == SampleType::kU8 ? DrawPicture<std::uint8_t>(83, 61, 3)
                                                  : DrawPicture<std::uint16_t>(83, 61, 3),
                          Format::kPng);
  photo.metadata.exif = CameraBlock(order);
  photo.metadata.xmp.assign(AsBytes(kXmp).begin(), AsBytes(kXmp).end());
  photo.metadata.iptc.assign(AsBytes(kIptc).begin(), AsBytes(kIptc).end());
  photo.metadata.icc = LargeProfile();
  photo.metadata.horizontal_dpi = 300;
  photo.metadata.vertical_dpi = 240;
  return photo;
}

File EncodedAs(Format format, const Photo& photo) {
  EncodeOptions options;
  options.format = format;
  options.software = "GPEN-NAS test";
  options.model = "model 1";
  auto file = Encode(photo, options, nullptr);
  EXPECT_TRUE(file) << file.error().message();
  return *std::move(file);
}

class MetadataTest : public ::testing::TestWithParam<std::tuple<Format, Exiv2::ByteOrder>> {
 protected:
  Format format() const { return std::get<0>(GetParam()); }
  Exiv2::ByteOrder order() const { return std::get<1>(GetParam()); }
  /// A MakerNote of the other byte order than the TIFF that holds it is kept, but cannot be read.
  std::set<std::string> UnreadableTags() const {
    if (format() != Format::kTiff || order() == Exiv2::littleEndian) return {};
    return {"Exif.Canon.OwnerName", "Exif.Canon.FirmwareVersion", "Exif.MakerNote.ByteOrder"};
  }
};

TEST_P(MetadataTest, EveryTagIsKept) {
  const Photo photo = CameraPhoto(order());
  const Exiv2::ExifData before = Parsed(photo.metadata.exif);
  const File file = EncodedAs(format(), photo);
  const auto decoded = Decode(file, Limits());
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_TRUE(decoded->warnings.empty()) << decoded->warnings.front();
  const Exiv2::ExifData after = Parsed(decoded->metadata.exif);
  ExpectSameTags(before, after, UnreadableTags());
  ExpectEdited(after);
}

TEST_P(MetadataTest, SecondTimeKeepsThemToo) {
  const auto first = Decode(EncodedAs(format(), CameraPhoto(order())), Limits());
  ASSERT_TRUE(first);
  const auto second = Decode(EncodedAs(format(), *first), Limits());
  ASSERT_TRUE(second);
  ExpectSameTags(Parsed(first->metadata.exif), Parsed(second->metadata.exif), UnreadableTags());
  EXPECT_LT(second->metadata.exif.size(), first->metadata.exif.size() + 600);
  EXPECT_EQ(second->metadata.xmp, first->metadata.xmp);
}

// exiv2 0.27 is built without HEIC and AVIF on some systems.
class Exiv2Test : public MetadataTest {};

TEST_P(Exiv2Test, ReadsTheFile) {
  const Photo photo = CameraPhoto(order());
  const File file = EncodedAs(format(), photo);
  const auto image = Exiv2::ImageFactory::open(Data(file), static_cast<long>(file.size()));
  image->readMetadata();
  EXPECT_EQ(image->pixelWidth(), 83);
  EXPECT_EQ(image->pixelHeight(), 61);
  ExpectSameTags(Parsed(photo.metadata.exif), image->exifData(), UnreadableTags());
  ExpectEdited(image->exifData());

  Exiv2::XmpData& xmp = image->xmpData();
  EXPECT_EQ(xmp["Xmp.xmp.CreatorTool"].toString(), "GPEN-NAS test; model 1");
  EXPECT_EQ(xmp["Xmp.tiff.Orientation"].toString(), "1");
  EXPECT_EQ(xmp["Xmp.dc.format"].toString(), "image/jpeg");
  EXPECT_EQ(xmp["Xmp.dc.subject"].toString(), "family, garden");
  if (format() == Format::kJpeg || format() == Format::kTiff) {
    EXPECT_EQ(image->iptcData()["Iptc.Application2.Caption"].toString(), "Hello");
    EXPECT_EQ(image->iptcData()["Iptc.Application2.Keywords"].toString(), "family");
  }
}

TEST_P(MetadataTest, BlobsAreKept) {
  const Photo photo = CameraPhoto(order());
  const auto decoded = Decode(EncodedAs(format(), photo), Limits());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->metadata.icc, photo.metadata.icc);
  if (format() == Format::kJpeg || format() == Format::kTiff) {
    EXPECT_EQ(decoded->metadata.iptc, photo.metadata.iptc);
  }
  if (format() == Format::kJpeg || format() == Format::kPng) {
    EXPECT_NEAR(decoded->metadata.horizontal_dpi, 300, 0.02);
    EXPECT_NEAR(decoded->metadata.vertical_dpi, 240, 0.02);
  }
}

std::string NameOfCase(const ::testing::TestParamInfo<std::tuple<Format, Exiv2::ByteOrder>>& test) {
  const bool little = std::get<1>(test.param) == Exiv2::littleEndian;
  return std::string(NameOf(std::get<0>(test.param))) + (little ? "_ii" : "_mm");
}

INSTANTIATE_TEST_SUITE_P(Formats, MetadataTest,
                         ::testing::Combine(::testing::ValuesIn(kAllFormats),
                                            ::testing::Values(Exiv2::littleEndian,
                                                              Exiv2::bigEndian)),
                         NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Formats, Exiv2Test,
    ::testing::Combine(::testing::Values(Format::kJpeg, Format::kPng, Format::kWebp, Format::kTiff),
                       ::testing::Values(Exiv2::littleEndian, Exiv2::bigEndian)),
    NameOfCase);

TEST(ExifTest, MakerNoteKeepsItsBytes) {
  const File block = CameraBlock(Exiv2::littleEndian);
  const File edited = EditExif(block, {83, 61, "software"});
  const std::string_view owner = "An owner with a name longer than four bytes";
  EXPECT_EQ(AsText(block).find(owner), AsText(edited).find(owner));
  EXPECT_EQ(Parsed(edited)["Exif.Canon.OwnerName"].toString(), owner);
  const Exiv2::ExifData without = Parsed(WithoutMakerNote(edited));
  EXPECT_EQ(without.findKey(Exiv2::ExifKey("Exif.Canon.OwnerName")), without.end());
}

TEST(ExifTest, DamagedBlockIsAWarningAndIsReplaced) {
  for (const std::size_t length : {std::size_t{5}, std::size_t{9}, std::size_t{40}}) {
    Photo photo = CameraPhoto(Exiv2::littleEndian);
    photo.metadata.exif.resize(length);
    const auto decoded = Decode(EncodedAs(Format::kJpeg, photo), Limits());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(Parsed(decoded->metadata.exif)["Exif.Image.Orientation"].toString(), "1");
  }
}

TEST(ExifTest, EveryDamagedByteIsSurvived) {
  const File block = CameraBlock(Exiv2::bigEndian);
  for (std::size_t i = 0; i < block.size(); ++i) {
    for (const std::byte value : {std::byte{0}, std::byte{0xFF}, std::byte{0x80}}) {
      File damaged = block;
      damaged[i] = value;
      EXPECT_GE(ExifOrientation(damaged), 1);
      const File edited = EditExif(damaged, {83, 61, "software"});
      EXPECT_EQ(ExifOrientation(edited), 1);
      EXPECT_LT(WithoutMakerNote(edited).size(), std::size_t{1} << 20);
    }
  }
}

TEST(ExifTest, TooLargeForAJpegLosesTheMakerNoteOnly) {
  Photo photo = CameraPhoto(Exiv2::littleEndian);
  Exiv2::ExifData exif = Parsed(photo.metadata.exif);
  exif["Exif.Image.Make"] = "Acme";
  for (const char* key : {"Exif.Canon.OwnerName", "Exif.Canon.FirmwareVersion"}) {
    exif.erase(exif.findKey(Exiv2::ExifKey(key)));
  }
  // exiv2 writes blocks that just fit into a JPEG; our software tag makes this one too large.
  Exiv2::Blob blob;
  Exiv2::ExifParser::encode(blob, Exiv2::littleEndian, exif);
  const std::string note(65480 - blob.size(), 'x');
  auto value = Exiv2::Value::create(Exiv2::undefined);
  value->read(reinterpret_cast<const Exiv2::byte*>(note.data()), static_cast<long>(note.size()),
              Exiv2::littleEndian);
  exif["Exif.Photo.MakerNote"].setValue(value.get());
  blob.clear();
  Exiv2::ExifParser::encode(blob, Exiv2::littleEndian, exif);
  photo.metadata.exif = ToBytes(blob);
  std::vector<std::string> warnings;
  EncodeOptions options;
  options.format = Format::kJpeg;
  options.software = "GPEN-NAS test";
  options.model = "model 1";
  const auto file = Encode(photo, options, &warnings);
  ASSERT_TRUE(file);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("MakerNote"), std::string::npos);
  const Exiv2::ExifData after = Parsed(Decode(*file, Limits())->metadata.exif);
  ExpectSameTags(exif, after, {"Exif.Photo.MakerNote", "Exif.MakerNote.ByteOrder"});
  ExpectEdited(after);
}

}  // namespace
}  // namespace gpen::codec
