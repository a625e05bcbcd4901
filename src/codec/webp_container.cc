#include <string_view>

#include "codec/byte_writer.h"
#include "codec/container.h"

namespace gpen::codec {
namespace {

constexpr unsigned kFlagIcc = 0x20;
constexpr unsigned kFlagAlpha = 0x10;
constexpr unsigned kFlagExif = 0x08;
constexpr unsigned kFlagXmp = 0x04;

void AppendChunk(std::string_view type, Bytes content, std::vector<std::byte>* file) {
  if (content.empty()) return;
  Append(type, file);
  AppendUnsigned(content.size(), 4, ByteOrder::kLittle, file);
  Append(content, file);
  if (content.size() % 2 != 0) file->push_back(std::byte{0});
}

/// The picture's own chunks, as they are, and what VP8X has to say of them.
struct WebpPicture {
  std::vector<std::byte> chunks;
  unsigned flags = 0;
  std::uint64_t width_minus_1 = 0;
  std::uint64_t height_minus_1 = 0;
};

WebpPicture ReadPicture(Bytes file) {
  WebpPicture picture;
  for (std::uint64_t offset = 12; offset + 8 <= file.size();) {
    const std::uint64_t length = ReadU32(file, offset + 4, ByteOrder::kLittle);
    const std::uint64_t padded = 8 + length + length % 2;
    const Bytes content = Slice(file, offset + 8, length);
    if (HasTextAt(file, offset, "VP8 ")) {
      picture.width_minus_1 = (ReadU16(content, 6, ByteOrder::kLittle) & 0x3FFFU) - 1;
      picture.height_minus_1 = (ReadU16(content, 8, ByteOrder::kLittle) & 0x3FFFU) - 1;
      Append(Slice(file, offset, padded), &picture.chunks);
    } else if (HasTextAt(file, offset, "VP8L")) {
      const std::uint32_t bits = ReadU32(content, 1, ByteOrder::kLittle);
      picture.width_minus_1 = bits & 0x3FFF;
      picture.height_minus_1 = bits >> 14 & 0x3FFF;
      if ((bits >> 28 & 1) != 0) picture.flags |= kFlagAlpha;
      Append(Slice(file, offset, padded), &picture.chunks);
    } else if (HasTextAt(file, offset, "ALPH")) {
      picture.flags |= kFlagAlpha;
      Append(Slice(file, offset, padded), &picture.chunks);
    }
    offset += padded;
  }
  return picture;
}

}  // namespace

std::vector<std::byte> WebpWithMetadata(Bytes file, const Metadata& metadata) {
  WebpPicture picture = ReadPicture(file);
  if (!metadata.icc.empty()) picture.flags |= kFlagIcc;
  if (!metadata.exif.empty()) picture.flags |= kFlagExif;
  if (!metadata.xmp.empty()) picture.flags |= kFlagXmp;
  std::vector<std::byte> extended;
  AppendUnsigned(picture.flags, 4, ByteOrder::kLittle, &extended);
  AppendUnsigned(picture.width_minus_1, 3, ByteOrder::kLittle, &extended);
  AppendUnsigned(picture.height_minus_1, 3, ByteOrder::kLittle, &extended);

  std::vector<std::byte> result;
  Append("RIFF    WEBP", &result);
  AppendChunk("VP8X", extended, &result);
  AppendChunk("ICCP", metadata.icc, &result);
  Append(picture.chunks, &result);
  AppendChunk("EXIF", metadata.exif, &result);
  AppendChunk("XMP ", metadata.xmp, &result);
  for (const FormatPart& part : metadata.parts) AppendChunk(part.type, part.bytes, &result);
  const std::size_t riff_bytes = result.size() - 8;
  for (std::size_t i = 0; i < 4; ++i) {
    result[4 + i] = static_cast<std::byte>(riff_bytes >> (8 * i) & 0xFF);
  }
  return result;
}

}  // namespace gpen::codec
