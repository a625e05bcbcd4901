#include <zlib.h>

#include <cmath>
#include <string_view>

#include "base/inflate.h"
#include "codec/byte_writer.h"
#include "codec/container.h"
#include "codec/photoshop_resources.h"
#include "codec/png_chunks.h"
#include "codec/raw_profile.h"

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

void AppendChunk(std::string_view type, Bytes content, std::vector<std::byte>* file) {
  AppendUnsigned(content.size(), 4, ByteOrder::kBig, file);
  const std::size_t checked_from = file->size();
  Append(type, file);
  Append(content, file);
  const uLong sum = crc32_z(0, reinterpret_cast<const Bytef*>(file->data() + checked_from),
                            file->size() - checked_from);
  AppendUnsigned(sum, 4, ByteOrder::kBig, file);
}

void AppendProfile(Bytes icc, std::vector<std::byte>* file) {
  if (icc.empty()) return;
  std::vector<std::byte> content;
  Append("ICC profile\0\0"sv, &content);  // Name, and 0 for zlib.
  Append(Deflate(icc), &content);
  AppendChunk("iCCP", content, file);
}

void AppendResolution(const Metadata& metadata, std::vector<std::byte>* file) {
  if (metadata.horizontal_dpi <= 0 || metadata.vertical_dpi <= 0) return;
  std::vector<std::byte> content;
  for (const double dpi : {metadata.horizontal_dpi, metadata.vertical_dpi}) {
    AppendUnsigned(static_cast<std::uint64_t>(std::llround(dpi / 0.0254)), 4, ByteOrder::kBig,
                   &content);
  }
  AppendUnsigned(1, 1, ByteOrder::kBig, &content);  // Pixels a metre.
  AppendChunk("pHYs", content, file);
}

void AppendXmp(Bytes xmp, std::vector<std::byte>* file) {
  if (xmp.empty()) return;
  std::vector<std::byte> content;
  Append("XML:com.adobe.xmp\0\0\0\0\0"sv, &content);  // Not compressed, no language.
  Append(xmp, &content);
  AppendChunk("iTXt", content, file);
}

/// A PNG has no place of its own for IPTC and Photoshop's resources, but one that is known.
void AppendResources(const Metadata& metadata, std::vector<std::byte>* file) {
  std::vector<std::byte> resources = ResourceOfIptc(metadata.iptc);
  Append(ResourcesIn(metadata.parts), &resources);
  if (!resources.empty()) AppendChunk("zTXt", RawProfileOf(resources), file);
}

}  // namespace

std::vector<std::byte> PngWithMetadata(Bytes file, const Metadata& metadata) {
  std::vector<std::byte> result;
  result.reserve(file.size() + metadata.exif.size() + metadata.xmp.size() + metadata.icc.size() +
                 1024);
  constexpr std::size_t kHeaderEnd = 33;  // Signature and IHDR.
  Append(file.first(kHeaderEnd), &result);
  AppendProfile(metadata.icc, &result);
  // In the place where colours belong: before the palette and the pixels.
  const int color_type = ReadU8(file, 25);
  for (const FormatPart& part : metadata.parts) {
    if (part.type == "8BIM") continue;
    AppendChunk(part.type, PngChunkOf(part, color_type), &result);
  }
  AppendResolution(metadata, &result);
  if (!metadata.exif.empty()) AppendChunk("eXIf", metadata.exif, &result);
  AppendXmp(metadata.xmp, &result);
  AppendResources(metadata, &result);
  for (std::uint64_t offset = kHeaderEnd; offset + 12 <= file.size();) {
    const std::uint64_t length = ReadU32(file, offset, ByteOrder::kBig) + std::uint64_t{12};
    // libvips makes up a resolution where it knows none.
    if (!HasTextAt(file, offset + 4, "pHYs")) Append(Slice(file, offset, length), &result);
    offset += length;
  }
  return result;
}

}  // namespace gpen::codec
