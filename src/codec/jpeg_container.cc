#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "codec/byte_writer.h"
#include "codec/container.h"
#include "codec/exif_in_tiff.h"
#include "codec/jpeg_appended.h"
#include "codec/photoshop_resources.h"

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

// A segment's length has 16 bits and counts itself.
constexpr std::size_t kMaxSegmentBytes = 65533;
constexpr auto kExifPrefix = "Exif\0\0"sv;
constexpr auto kXmpPrefix = "http://ns.adobe.com/xap/1.0/\0"sv;
constexpr auto kIccPrefix = "ICC_PROFILE\0"sv;
constexpr auto kPhotoshopPrefix = "Photoshop 3.0\0"sv;

void AppendSegment(int marker, std::string_view prefix, Bytes content,
                   std::vector<std::byte>* file) {
  AppendUnsigned(0xFF00U | static_cast<unsigned>(marker), 2, ByteOrder::kBig, file);
  AppendUnsigned(prefix.size() + content.size() + 2, 2, ByteOrder::kBig, file);
  Append(prefix, file);
  Append(content, file);
}

/// False where it does not fit; nothing is written then.
bool AppendIfItFits(int marker, std::string_view prefix, Bytes content,
                    std::vector<std::byte>* file) {
  if (prefix.size() + content.size() > kMaxSegmentBytes) return false;
  AppendSegment(marker, prefix, content, file);
  return true;
}

void AppendJfif(const Metadata& metadata, std::vector<std::byte>* file) {
  const auto density = [](double dpi) {
    return static_cast<std::uint64_t>(std::clamp(std::lround(dpi), 1L, 65535L));
  };
  const bool known = metadata.horizontal_dpi > 0 && metadata.vertical_dpi > 0;
  const auto shape = std::ranges::find(metadata.parts, "JFIF", &FormatPart::type);
  std::vector<std::byte> content;
  AppendUnsigned(0x0102, 2, ByteOrder::kBig, &content);  // Version.
  AppendUnsigned(known ? 1 : 0, 1, ByteOrder::kBig, &content);
  if (!known && shape != metadata.parts.end()) {
    Append(shape->bytes, &content);
  } else {
    AppendUnsigned(known ? density(metadata.horizontal_dpi) : 1, 2, ByteOrder::kBig, &content);
    AppendUnsigned(known ? density(metadata.vertical_dpi) : 1, 2, ByteOrder::kBig, &content);
  }
  AppendUnsigned(0, 2, ByteOrder::kBig, &content);  // No thumbnail.
  AppendSegment(0xE0, "JFIF\0"sv, content, file);
}

void AppendExif(const std::vector<std::byte>& exif, std::vector<std::byte>* file,
                std::vector<std::string>* warnings) {
  if (exif.empty() || AppendIfItFits(0xE1, kExifPrefix, exif, file)) return;
  if (AppendIfItFits(0xE1, kExifPrefix, WithoutMakerNote(exif), file)) {
    warnings->emplace_back("the EXIF metadata is too large for a JPEG: the MakerNote was left out");
  } else {
    warnings->emplace_back("the EXIF metadata is too large for a JPEG and was left out");
  }
}

/// IPTC and Photoshop's other resources, which continue over as many segments as they need.
void AppendResources(const Metadata& metadata, std::vector<std::byte>* file) {
  std::vector<std::byte> resources = ResourceOfIptc(metadata.iptc);
  Append(ResourcesIn(metadata.parts), &resources);
  const std::size_t most = kMaxSegmentBytes - kPhotoshopPrefix.size();
  for (Bytes rest = resources; !rest.empty();) {
    const Bytes piece = rest.first(std::min(rest.size(), most));
    AppendSegment(0xED, kPhotoshopPrefix, piece, file);
    rest = rest.subspan(piece.size());
  }
}

/// Comments and the segments of other programs, as they came.
void AppendParts(const Metadata& metadata, std::vector<std::byte>* file) {
  for (const FormatPart& part : metadata.parts) {
    if (part.type == "COM") AppendSegment(0xFE, "", part.bytes, file);
    if (!part.type.starts_with("APP")) continue;
    AppendSegment(0xE0 + std::stoi(part.type.substr(3)), "", part.bytes, file);
  }
}

void AppendIcc(Bytes icc, std::vector<std::byte>* file, std::vector<std::string>* warnings) {
  const std::size_t chunk_bytes = kMaxSegmentBytes - kIccPrefix.size() - 2;
  const std::size_t chunks = (icc.size() + chunk_bytes - 1) / chunk_bytes;
  if (chunks > 255) {
    warnings->emplace_back("the colour profile is too large for a JPEG and was left out");
    return;
  }
  for (std::size_t i = 0; i < chunks; ++i) {
    std::vector<std::byte> content = {static_cast<std::byte>(i + 1),
                                      static_cast<std::byte>(chunks)};
    Append(icc.subspan(i * chunk_bytes, std::min(chunk_bytes, icc.size() - i * chunk_bytes)),
           &content);
    AppendSegment(0xE2, kIccPrefix, content, file);
  }
}

/// Offset of the first segment of `file` that is no APPn.
std::uint64_t AfterApplicationSegments(Bytes file) {
  std::uint64_t offset = 2;
  while (ReadU8(file, offset) == 0xFF && (ReadU8(file, offset + 1) & 0xF0) == 0xE0) {
    offset += 2U + ReadU16(file, offset + 2, ByteOrder::kBig);
  }
  return std::min<std::uint64_t>(offset, file.size());
}

}  // namespace

std::vector<std::byte> JpegWithMetadata(Bytes file, const Metadata& metadata,
                                        std::vector<std::string>* warnings) {
  std::vector<std::byte> result;
  result.reserve(file.size() + metadata.exif.size() + metadata.xmp.size() + metadata.iptc.size() +
                 metadata.icc.size() + 1024);
  Append(file.first(2), &result);
  AppendJfif(metadata, &result);
  AppendExif(metadata.exif, &result, warnings);
  if (!metadata.xmp.empty() && !AppendIfItFits(0xE1, kXmpPrefix, metadata.xmp, &result)) {
    warnings->emplace_back("the XMP metadata is too large for a JPEG and was left out");
  }
  AppendResources(metadata, &result);
  AppendIcc(metadata.icc, &result, warnings);
  AppendParts(metadata, &result);
  const auto pictures = std::ranges::find(metadata.parts, "MPF", &FormatPart::type);
  const bool lists_pictures = pictures != metadata.parts.end();
  if (lists_pictures) AppendSegment(0xE2, "", pictures->bytes, &result);
  const std::size_t list_end = result.size();
  Append(file.subspan(AfterApplicationSegments(file)), &result);
  if (lists_pictures) {
    SetPlacesInFile(list_end - pictures->bytes.size(), pictures->bytes.size(), &result);
  }
  return result;
}

}  // namespace gpen::codec
