// WebP: the RIFF chunks and the first bytes of the VP8 or VP8L bit stream.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "codec/exif_block.h"
#include "codec/header.h"

namespace gpen::codec {
namespace {

struct WebpChunks {
  int canvas_width = 0;  // Of VP8X; 0 where there is none.
  int canvas_height = 0;
  int width = 0;  // Of the first bit stream.
  int height = 0;
  bool alpha = false;
  bool lossless = false;
  int frames = 0;
  bool is_frame = false;  // The chunks that are read are those of a frame.
  bool has_credentials = false;
};

int ReadU24(Bytes bytes, std::uint64_t offset) {
  return static_cast<int>(ReadUnsigned(bytes, offset, 3, ByteOrder::kLittle));
}

void ReadLossy(Bytes chunk, WebpChunks* webp) {
  if (webp->width != 0 || !HasTextAt(chunk, 3, "\x9D\x01\x2A")) return;
  webp->width = ReadU16(chunk, 6, ByteOrder::kLittle) & 0x3FFF;
  webp->height = ReadU16(chunk, 8, ByteOrder::kLittle) & 0x3FFF;
}

void ReadLossless(Bytes chunk, WebpChunks* webp) {
  if (webp->width != 0 || ReadU8(chunk, 0) != 0x2F) return;
  const std::uint32_t bits = ReadU32(chunk, 1, ByteOrder::kLittle);
  webp->width = static_cast<int>(bits & 0x3FFF) + 1;
  webp->height = static_cast<int>(bits >> 14 & 0x3FFF) + 1;
  webp->alpha |= (bits >> 28 & 1) != 0;
  webp->lossless = true;
}

/// Chunks that no standard names are kept, as the format's specification asks of programs.
void KeepChunk(Bytes type, Bytes chunk, WebpChunks* webp, Metadata* metadata) {
  constexpr std::array<std::string_view, 9> kKnown = {"VP8X", "VP8 ", "VP8L", "ALPH", "ANIM",
                                                      "ANMF", "ICCP", "EXIF", "XMP "};
  const std::string name(reinterpret_cast<const char*>(type.data()), type.size());
  if (std::ranges::find(kKnown, name) != kKnown.end() || webp->is_frame) return;
  if (name == "C2PA") {
    webp->has_credentials = true;
  } else {
    metadata->parts.push_back({name, Copy(chunk), fmt::format("the chunk {}", name)});
  }
}

void ReadChunks(Bytes bytes, WebpChunks* webp, Metadata* metadata) {
  std::uint64_t offset = 0;
  while (offset + 8 <= bytes.size()) {
    const std::uint64_t length = ReadU32(bytes, offset + 4, ByteOrder::kLittle);
    // The last chunk of a file that was cut short is still good for its header.
    const Bytes chunk =
        bytes.subspan(offset + 8, std::min<std::uint64_t>(length, bytes.size() - offset - 8));
    if (HasTextAt(bytes, offset, "VP8X")) {
      webp->alpha |= (ReadU8(chunk, 0) & 0x10) != 0;
      webp->canvas_width = ReadU24(chunk, 4) + 1;
      webp->canvas_height = ReadU24(chunk, 7) + 1;
    }
    if (HasTextAt(bytes, offset, "ANMF")) {
      ++webp->frames;
      webp->is_frame = true;
      if (chunk.size() > 16 && webp->frames == 1) ReadChunks(chunk.subspan(16), webp, metadata);
      webp->is_frame = false;
    }
    if (HasTextAt(bytes, offset, "VP8 ")) ReadLossy(chunk, webp);
    if (HasTextAt(bytes, offset, "VP8L")) ReadLossless(chunk, webp);
    if (HasTextAt(bytes, offset, "ICCP")) metadata->icc = Copy(chunk);
    if (HasTextAt(bytes, offset, "EXIF")) metadata->exif = Copy(WithoutExifPrefix(chunk));
    if (HasTextAt(bytes, offset, "XMP ")) metadata->xmp = Copy(chunk);
    KeepChunk(bytes.subspan(offset, 4), chunk, webp, metadata);
    offset += 8 + length + length % 2;
  }
}

}  // namespace

Result<Header> ReadWebpHeader(Bytes bytes) {
  Header header;
  WebpChunks webp;
  // What follows the length that the file states is no chunk of it.
  const std::uint64_t stated = std::uint64_t{8} + ReadU32(bytes, 4, ByteOrder::kLittle);
  const std::uint64_t end = std::min<std::uint64_t>(stated + stated % 2, bytes.size());
  if (end > 12) ReadChunks(bytes.subspan(12, end - 12), &webp, &header.metadata);
  header.metadata.appended = Copy(bytes.subspan(end));
  if (webp.has_credentials) header.losses.emplace_back(kCredentialsLoss);
  if (webp.width == 0 || webp.height == 0) {
    return Error(ErrorCode::kCorruptImage,
                 "damaged WebP: it ends before the header of the picture; copy it again");
  }
  if (webp.canvas_width != 0) {
    webp.width = webp.canvas_width;
    webp.height = webp.canvas_height;
  }
  SetUprightSize(webp.width, webp.height, ExifOrientation(header.metadata.exif), &header.info);
  header.info.frames = std::max(webp.frames, 1);
  header.info.lossless = webp.lossless;
  header.info.has_alpha = webp.alpha;
  header.info.stored_channels = webp.alpha ? 4 : 3;
  header.decoded_channels = header.info.stored_channels;
  // libwebp: the canvas, and 4:2:0 planes or ARGB of the frame; libvips: its copy of the canvas.
  // Debian 13's libvips 8.16 took most: 59 MB for 3 megapixels.
  const std::int64_t pixels = std::int64_t{webp.width} * webp.height;
  header.decoder_bytes = pixels * (webp.lossless ? 16 : 15);
  return header;
}

}  // namespace gpen::codec
