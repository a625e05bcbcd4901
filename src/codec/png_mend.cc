#include "codec/png_mend.h"

#include <zlib.h>

#include <string_view>

#include "codec/byte_writer.h"

namespace gpen::codec {
namespace {

constexpr std::uint64_t kSignature = 8;
constexpr std::uint64_t kAroundContent = 12;  // Length, type and checksum.

void AppendChunk(std::string_view type, Bytes content, std::vector<std::byte>* file) {
  AppendUnsigned(content.size(), 4, ByteOrder::kBig, file);
  const std::size_t checked_from = file->size();
  Append(type, file);
  Append(content, file);
  AppendUnsigned(crc32_z(0, reinterpret_cast<const Bytef*>(file->data() + checked_from),
                         file->size() - checked_from),
                 4, ByteOrder::kBig, file);
}

}  // namespace

std::vector<std::byte> WithWholeChunks(Bytes png) {
  std::uint64_t at = kSignature;
  while (at + kAroundContent <= png.size()) {
    if (HasTextAt(png, at + 4, "IEND")) return {};
    const std::uint64_t length = ReadU32(png, at, ByteOrder::kBig);
    if (length > png.size() - at - kAroundContent) break;
    at += length + kAroundContent;
  }
  if (at > png.size()) return {};
  std::vector<std::byte> whole;
  Append(png.first(at), &whole);
  if (HasTextAt(png, at + 4, "IDAT")) AppendChunk("IDAT", png.subspan(at + 8), &whole);
  AppendChunk("IEND", {}, &whole);
  return whole;
}

}  // namespace gpen::codec
