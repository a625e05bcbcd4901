// JPEG (ITU-T T.81): walks the segments up to the first scan.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/file.h"
#include "codec/byte_writer.h"
#include "codec/exif_block.h"
#include "codec/header.h"
#include "codec/jpeg_appended.h"
#include "codec/jpeg_quality.h"
#include "codec/photoshop_resources.h"
#include "codec/whole_file.h"
#include "codec/xmp_packet.h"

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

constexpr auto kExifPrefix = "Exif\0\0"sv;
constexpr auto kXmpPrefix = "http://ns.adobe.com/xap/1.0/\0"sv;
constexpr auto kIccPrefix = "ICC_PROFILE\0"sv;
constexpr auto kPhotoshopPrefix = "Photoshop 3.0\0"sv;
constexpr auto kMultiPicturePrefix = "MPF\0"sv;

struct Component {
  int id = 0;
  int horizontal = 1;  // Sampling factors.
  int vertical = 1;
  int table = 0;
};

struct JpegSegments {
  int width = 0;
  int height = 0;
  int precision = 8;
  int frame_marker = 0;  // 0: no frame header seen.
  std::vector<Component> components;
  std::array<std::optional<QuantisationTable>, 4> tables;
  int components_in_first_scan = 0;  // 0: no scan seen.
  int further_scans = 0;
  std::map<int, Bytes> icc_chunks;   // By sequence number.
  std::vector<std::byte> resources;  // Of Photoshop, from all of their segments.
  Bytes pictures;                    // The content of the MPF segment.
  std::vector<Bytes> boxes;          // The contents of the APP11 segments.
  std::vector<std::string> losses;
};

bool IsFrameMarker(int marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

void ReadTables(Bytes segment, JpegSegments* jpeg) {
  std::uint64_t offset = 0;
  while (offset < segment.size()) {
    const int spec = ReadU8(segment, offset++);
    const int value_bytes = spec >> 4 ? 2 : 1;
    if (offset + 64U * static_cast<unsigned>(value_bytes) > segment.size()) return;
    QuantisationTable table;
    for (std::uint16_t& divisor : table) {
      divisor =
          static_cast<std::uint16_t>(ReadUnsigned(segment, offset, value_bytes, ByteOrder::kBig));
      offset += static_cast<unsigned>(value_bytes);
    }
    jpeg->tables[static_cast<std::size_t>(spec & 3)] = table;
  }
}

void ReadFrame(Bytes segment, int marker, JpegSegments* jpeg) {
  jpeg->frame_marker = marker;
  jpeg->precision = ReadU8(segment, 0);
  jpeg->height = ReadU16(segment, 1, ByteOrder::kBig);
  jpeg->width = ReadU16(segment, 3, ByteOrder::kBig);
  const int count = ReadU8(segment, 5);
  jpeg->components.clear();
  for (unsigned i = 0; i < static_cast<unsigned>(count); ++i) {
    const int sampling = ReadU8(segment, 7 + 3 * i);
    jpeg->components.push_back(
        {ReadU8(segment, 6 + 3 * i), sampling >> 4, sampling & 15, ReadU8(segment, 8 + 3 * i) & 3});
  }
}

void ReadDensity(Bytes segment, Metadata* metadata) {
  const bool is_uneven =
      ReadU16(segment, 8, ByteOrder::kBig) != ReadU16(segment, 10, ByteOrder::kBig);
  if (ReadU8(segment, 7) == 0 && is_uneven) {
    metadata->parts.push_back({"JFIF", Copy(Slice(segment, 8, 4)),
                               "the shape of its pixels, which are no squares", true});
  }
  const double to_inches = ReadU8(segment, 7) == 1 ? 1.0 : ReadU8(segment, 7) == 2 ? 2.54 : 0.0;
  metadata->horizontal_dpi = ReadU16(segment, 8, ByteOrder::kBig) * to_inches;
  metadata->vertical_dpi = ReadU16(segment, 10, ByteOrder::kBig) * to_inches;
}

/// One that is too large for a segment goes on in the next.
void ReadExif(Bytes exif, JpegSegments* jpeg, Metadata* metadata) {
  const bool is_block = HasTextAt(exif, 0, "II") || HasTextAt(exif, 0, "MM");
  if (metadata->exif.empty() || !is_block) {
    Append(exif, &metadata->exif);
  } else {
    jpeg->losses.emplace_back("a second block of EXIF metadata is left out");
  }
}

void ReadApplicationSegment(int marker, Bytes segment, JpegSegments* jpeg, Metadata* metadata) {
  const auto after = [segment](std::string_view prefix) { return segment.subspan(prefix.size()); };
  const auto keep = [&](std::string name) {
    metadata->parts.push_back(
        {fmt::format("APP{}", marker - 0xE0), Copy(segment), std::move(name)});
  };
  if (marker == 0xE0 && HasTextAt(segment, 0, "JFIF\0"sv)) {
    ReadDensity(segment, metadata);
  } else if (marker == 0xE0 && HasTextAt(segment, 0, "JFXX\0"sv)) {
    return;  // A thumbnail.
  } else if (marker == 0xE1 && HasTextAt(segment, 0, kExifPrefix)) {
    ReadExif(after(kExifPrefix), jpeg, metadata);
  } else if (marker == 0xE1 && HasTextAt(segment, 0, kXmpPrefix)) {
    if (metadata->xmp.empty()) {
      metadata->xmp = Copy(after(kXmpPrefix));
    } else {
      jpeg->losses.emplace_back("a second packet of XMP metadata is left out");
    }
  } else if (marker == 0xE1 && HasTextAt(segment, 0, kExtendedXmpMark)) {
    keep("the extended part of the XMP metadata");
  } else if (marker == 0xE2 && HasTextAt(segment, 0, kIccPrefix) && segment.size() > 14) {
    jpeg->icc_chunks.emplace(ReadU8(segment, 12), segment.subspan(14));
  } else if (marker == 0xE2 && HasTextAt(segment, 0, kMultiPicturePrefix)) {
    jpeg->pictures = segment;
  } else if (marker == 0xEB) {
    jpeg->boxes.push_back(segment);
  } else if (marker == 0xED && HasTextAt(segment, 0, kPhotoshopPrefix)) {
    Append(after(kPhotoshopPrefix), &jpeg->resources);
  } else if (marker == 0xEE && HasTextAt(segment, 0, "Adobe"sv)) {
    return;  // How this file's colours are coded.
  } else {
    keep(fmt::format("the data of other programs (APP{})", marker - 0xE0));
  }
}

void ReadComment(Bytes segment, Metadata* metadata) {
  metadata->parts.push_back({"COM", Copy(segment), "the comment"});
}

/// What follows the first scan: segments between the others, then what follows the picture, with
/// the list of further pictures whose places stay right.
void ReadBehindScan(Bytes bytes, JpegSegments* jpeg, Metadata* metadata) {
  MemorySource source(bytes);
  const auto end = EndOfJpegPicture(&source, [&](int marker, std::uint64_t at) {
    const int length = ReadU16(bytes, at, ByteOrder::kBig);
    if (length < 2) return;
    const Bytes segment = Slice(bytes, at + 2, static_cast<unsigned>(length) - 2);
    if (marker == 0xDA) ++jpeg->further_scans;
    if (marker == 0xFE) ReadComment(segment, metadata);
    if (marker >= 0xE0 && marker <= 0xEF) ReadApplicationSegment(marker, segment, jpeg, metadata);
  });
  if (!end || *end >= bytes.size()) return;
  metadata->appended = Copy(bytes.subspan(*end));
  if (jpeg->pictures.empty()) return;
  const auto at = static_cast<std::uint64_t>(jpeg->pictures.data() - bytes.data());
  metadata->parts.push_back(
      {"MPF", PlacesFromPictureEnd(jpeg->pictures, at, *end), "the list of further pictures"});
}

/// JUMBF boxes hold content credentials; what others hold may depend on the pixels, too.
void NameBoxes(JpegSegments* jpeg) {
  if (jpeg->boxes.empty()) return;
  const bool has_credentials = std::ranges::any_of(jpeg->boxes, [](Bytes segment) {
    const std::string_view text(reinterpret_cast<const char*>(segment.data()), segment.size());
    return text.starts_with("JP") && text.find("c2pa") != std::string_view::npos;
  });
  jpeg->losses.emplace_back(has_credentials ? std::string(kCredentialsLoss)
                                            : "the data of other programs (APP11) are left out: "
                                              "they may depend on the pixels");
}

/// A depth map or an unblurred photo in the extended part of the XMP metadata (Google's GDepth,
/// GImage) does not turn with the picture. It is in base 64, over many segments.
void MarkPicturesInXmp(Metadata* metadata) {
  const auto is_extension = [](const FormatPart& part) {
    return part.type == "APP1" && HasTextAt(part.bytes, 0, kExtendedXmpMark);
  };
  const bool has_picture = std::ranges::any_of(metadata->parts, [&](const FormatPart& part) {
    if (!is_extension(part)) return false;
    const std::string_view text = AsText(part.bytes);
    return text.find("/photos/1.0/depthmap/") != std::string_view::npos ||
           text.find("/photos/1.0/image/") != std::string_view::npos;
  });
  if (!has_picture) return;
  for (FormatPart& part : metadata->parts) {
    if (is_extension(part)) part.lies_in_picture = true;
  }
}

JpegSegments ReadSegments(Bytes bytes, Metadata* metadata) {
  JpegSegments jpeg;
  std::uint64_t offset = 2;
  while (offset + 4 <= bytes.size()) {
    if (ReadU8(bytes, offset) != 0xFF) {  // Rubbish between segments, which decoders skip too.
      ++offset;
      continue;
    }
    const int marker = ReadU8(bytes, offset + 1);
    if (marker == 0xFF) {  // Fill byte.
      ++offset;
      continue;
    }
    offset += 2;
    if (marker == 0xD9) break;
    if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;  // Without a length.
    const int length = ReadU16(bytes, offset, ByteOrder::kBig);
    const Bytes segment =
        length < 2 ? Bytes{} : Slice(bytes, offset + 2, static_cast<unsigned>(length) - 2);
    if (marker == 0xDA) {
      jpeg.components_in_first_scan = ReadU8(segment, 0);
      break;
    }
    if (marker == 0xDB) ReadTables(segment, &jpeg);
    if (IsFrameMarker(marker)) ReadFrame(segment, marker, &jpeg);
    if (marker >= 0xE0 && marker <= 0xEF) ReadApplicationSegment(marker, segment, &jpeg, metadata);
    if (marker == 0xFE) ReadComment(segment, metadata);
    offset += static_cast<unsigned>(std::max(length, 2));
  }
  ReadBehindScan(bytes, &jpeg, metadata);
  for (const auto& [sequence, chunk] : jpeg.icc_chunks) {
    metadata->icc.insert(metadata->icc.end(), chunk.begin(), chunk.end());
  }
  ReadPhotoshopResources(jpeg.resources, metadata, &jpeg.losses);
  NameBoxes(&jpeg);
  MarkPicturesInXmp(metadata);
  return jpeg;
}

/// {width, height} of 8x8 blocks that a coded unit holds.
std::pair<int, int> UnitBlocks(const JpegSegments& jpeg) {
  int across = 1;
  int down = 1;
  for (const Component& component : jpeg.components) {
    across = std::max(across, component.horizontal);
    down = std::max(down, component.vertical);
  }
  return {across, down};
}

bool IsOneScan(const JpegSegments& jpeg, bool progressive) {
  return !progressive && jpeg.components_in_first_scan == static_cast<int>(jpeg.components.size());
}

JpegTraits TraitsOf(const JpegSegments& jpeg) {
  JpegTraits traits;
  traits.progressive = jpeg.frame_marker == 0xC2 || jpeg.frame_marker == 0xCA;
  const Component& first = jpeg.components.front();
  traits.chroma_subsampled = false;
  std::optional<QuantisationTable> chroma;
  if (jpeg.components.size() == 3) {
    const Component& second = jpeg.components[1];
    traits.chroma_subsampled =
        first.horizontal > second.horizontal || first.vertical > second.vertical;
    chroma = jpeg.tables[static_cast<std::size_t>(second.table)];
  }
  const auto& luma = jpeg.tables[static_cast<std::size_t>(first.table)];
  if (luma) traits.quality = EstimateJpegQuality(*luma, chroma);
  return traits;
}

/// libjpeg holds all coefficients (16 bit) where they do not come in one interleaved scan.
std::int64_t DecoderBytes(const JpegSegments& jpeg, bool progressive) {
  const std::int64_t rows_in_flight = std::int64_t{jpeg.width} * 8 * 64;
  if (IsOneScan(jpeg, progressive)) return rows_in_flight;
  const auto [across, down] = UnitBlocks(jpeg);
  std::int64_t coefficients = 0;
  for (const Component& component : jpeg.components) {
    coefficients += std::int64_t{jpeg.width} * jpeg.height * component.horizontal *
                    component.vertical / (across * down);
  }
  return coefficients * 2 + rows_in_flight;
}

Result<void> CheckVariant(const JpegSegments& jpeg) {
  if (jpeg.frame_marker == 0) {
    return Error(ErrorCode::kCorruptImage,
                 "damaged JPEG: it ends before the header of the picture; copy it again");
  }
  const bool common =
      jpeg.frame_marker <= 0xC2 || jpeg.frame_marker == 0xC9 || jpeg.frame_marker == 0xCA;
  if (!common || jpeg.precision != 8) {
    return Error(
        ErrorCode::kUnsupportedFormat,
        fmt::format("expected a baseline or progressive JPEG of 8 bits, but this one is of "
                    "type SOF{} with {} bits; convert it first",
                    jpeg.frame_marker - 0xC0, jpeg.precision));
  }
  const std::size_t count = jpeg.components.size();
  if (count != 1 && count != 3 && count != 4) {
    return Error(
        ErrorCode::kUnsupportedFormat,
        fmt::format("expected a JPEG with 1, 3 or 4 components, but this one has {}", count));
  }
  if (jpeg.further_scans >= kMostJpegScans) {
    return Error(ErrorCode::kCorruptImage,
                 fmt::format("expected a JPEG of at most {} scans, but this one has {}: {}",
                             kMostJpegScans, jpeg.further_scans + 1, kWhyFewScans));
  }
  return {};
}

}  // namespace

Result<Header> ReadJpegHeader(Bytes bytes) {
  Header header;
  const JpegSegments jpeg = ReadSegments(bytes, &header.metadata);
  GPEN_TRY(CheckVariant(jpeg));
  header.jpeg = TraitsOf(jpeg);
  SetUprightSize(jpeg.width, jpeg.height, ExifOrientation(header.metadata.exif), &header.info);
  header.info.stored_channels = static_cast<int>(jpeg.components.size());
  header.needs_conversion_to_srgb = jpeg.components.size() == 4;
  header.decoded_channels = jpeg.components.size() == 1 ? 1 : 3;
  header.decoder_bytes = DecoderBytes(jpeg, header.jpeg->progressive);
  header.losses = jpeg.losses;
  return header;
}

}  // namespace gpen::codec
