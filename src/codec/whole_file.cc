#include "codec/whole_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace gpen::codec {
namespace {

constexpr std::uint64_t kPiece = 64 << 10;
// No encoder leaves so many, and the end of a small picture fills only a part of a reserved block.
constexpr std::uint64_t kLongRun = 256;
// But that of lossy WebP does: its code for "nothing here" is zeros where most blocks hold nothing,
// as in a blank margin. A run of one byte for 12 units of 16x16 pixels was the longest that was
// seen; what is missing of a photo has dozens for each.
constexpr std::uint64_t kUnitsOfBlankByte = 4;
// Of what a file system or a network reserves at once.
constexpr std::uint64_t kBlock = 4096;
// Of a picture's bytes that begin and end in one block: all of them are zero.
constexpr std::uint64_t kShortest = 16;
// More than any real file has, and few enough for a crafted one.
constexpr int kMostParts = 1 << 20;

bool IsZero(std::byte b) { return b == std::byte{0}; }

// Markers whose segments stand between the scans of one picture. Others are damage: skipping by
// what such a "segment" says would skip the end.
bool HasSegment(int marker) {
  return marker == 0xC4 || marker == 0xCC || (marker >= 0xDA && marker <= 0xDD) || marker == 0xFE ||
         (marker >= 0xE0 && marker <= 0xEF);
}

// The offset of the first scan's data.
std::optional<std::uint64_t> StartOfScan(ByteSource* file) {
  std::uint64_t at = 2;
  for (int i = 0; i < kMostParts; ++i) {
    const Bytes header = file->Read(at, 4);
    if (header.empty()) return std::nullopt;
    const int marker = ReadU8(header, 1);
    if (ReadU8(header, 0) != 0xFF || marker == 0xFF) {  // Rubbish or a filling byte.
      ++at;
      continue;
    }
    at += 2;
    if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD9)) continue;  // Without a length.
    at += std::max<std::uint64_t>(ReadU16(header, 2, ByteOrder::kBig), 2);
    if (marker == 0xDA) return at;
  }
  return std::nullopt;
}

// Some mark "FF D9" in the last piece. No scan's data hold one, so that the picture ends before.
bool HasEndMarkInTail(ByteSource* file, std::uint64_t scan) {
  const std::uint64_t from = std::max(scan, file->size() - std::min(file->size(), kPiece));
  if (from > file->size()) return false;
  const Bytes tail = file->Read(from, file->size() - from);
  const std::string_view text(reinterpret_cast<const char*>(tail.data()), tail.size());
  return text.find("\xFF\xD9") != std::string_view::npos;
}

std::optional<MissingPart> FindMissingInJpeg(ByteSource* file) {
  const auto scan = StartOfScan(file);
  if (!scan) return MissingPart{"it ends before its picture begins", true};
  if (HasEndMarkInTail(file, *scan) || EndOfJpegPicture(file)) return std::nullopt;
  return MissingPart{"its end mark is missing", false};
}

std::optional<MissingPart> FindMissingInPng(ByteSource* file) {
  std::uint64_t at = 8;
  for (int i = 0; i < kMostParts; ++i) {
    const Bytes header = file->Read(at, 8);
    if (header.empty()) break;
    if (HasTextAt(header, 4, "IEND")) return std::nullopt;
    const std::uint64_t end = at + 12 + ReadU32(header, 0, ByteOrder::kBig);
    if (end > file->size()) return MissingPart{"a part of it reaches over its end", false};
    at = end;
  }
  return MissingPart{"its end mark is missing", false};
}

// Units of 16x16 pixels of a lossy picture or of a frame, by the header in its chunk; 0 where it
// has none.
std::uint64_t UnitsOfWebp(Bytes chunk) {
  constexpr int kSide = 16;
  const bool is_lossy = HasTextAt(chunk, 3, "\x9D\x01\x2A");
  const std::uint64_t width = is_lossy ? ReadU16(chunk, 6, ByteOrder::kLittle) & 0x3FFFU
                                       : ReadUnsigned(chunk, 6, 3, ByteOrder::kLittle) + 1;
  const std::uint64_t height = is_lossy ? ReadU16(chunk, 8, ByteOrder::kLittle) & 0x3FFFU
                                        : ReadUnsigned(chunk, 9, 3, ByteOrder::kLittle) + 1;
  constexpr std::uint64_t kMostSide = 1 << 14;
  if (width > kMostSide || height > kMostSide) return 0;
  return (width + kSide - 1) / kSide * ((height + kSide - 1) / kSide);
}

// Whether the zeros at the end of a chunk are what the encoder wrote for a picture that is blank
// there.
bool EndsInBlank(ByteSource* file, std::uint64_t at, std::uint64_t length) {
  const std::uint64_t longest =
      std::min(UnitsOfWebp(file->Read(at, kShortest)) / kUnitsOfBlankByte, length);
  const Bytes tail = file->Read(at + length - longest, longest);
  const auto last = std::ranges::find_if_not(tail.rbegin(), tail.rend(), IsZero);
  if (last == tail.rend()) return false;
  const auto zeros = static_cast<std::uint64_t>(last - tail.rbegin());
  return (at + length - zeros) % kBlock != 0;
}

std::optional<MissingPart> FindMissingInWebp(ByteSource* file) {
  const std::uint64_t promised =
      std::uint64_t{ReadU32(file->Read(4, 4), 0, ByteOrder::kLittle)} + 8;
  if (promised > file->size()) {
    return MissingPart{
        fmt::format("its header promises {} bytes, the file has {}", promised, file->size()), true};
  }
  std::uint64_t at = 12;
  for (int i = 0; i < kMostParts && at + 8 <= promised; ++i) {
    const Bytes header = file->Read(at, 8);
    if (ReadUnsigned(header, 0, 8, ByteOrder::kBig) == 0) {
      return MissingPart{"its last part is nothing but zeros", true};
    }
    const std::uint64_t length = ReadU32(header, 4, ByteOrder::kLittle);
    const bool is_picture = HasTextAt(header, 0, "VP8") || HasTextAt(header, 0, "ANMF");
    const bool is_lossless = HasTextAt(header, 0, "VP8L");
    const std::uint64_t there = std::min(length, promised - at - 8);
    if (is_picture && !HasTextAt(header, 0, "VP8X") && EndsInZeros(file, at + 8, there) &&
        (is_lossless || !EndsInBlank(file, at + 8, there))) {
      return MissingPart{"its last part is nothing but zeros", true};
    }
    at += 8 + length + length % 2;
  }
  return std::nullopt;
}

}  // namespace

bool EndsInZeros(ByteSource* file, std::uint64_t at, std::uint64_t length) {
  const std::uint64_t looked_at = std::min(length, kLongRun);
  if (looked_at < kShortest) return false;
  const Bytes tail = file->Read(at + length - looked_at, looked_at);
  return !tail.empty() && std::ranges::all_of(tail, IsZero);
}

std::optional<std::uint64_t> EndOfJpegPicture(
    ByteSource* file, const std::function<void(int marker, std::uint64_t at)>& visit) {
  const auto scan = StartOfScan(file);
  if (!scan) return std::nullopt;
  for (std::uint64_t at = *scan; at + 2 <= file->size();) {
    const std::uint64_t length = std::min(kPiece, file->size() - at);
    const Bytes piece = file->Read(at, length);
    if (piece.empty()) return std::nullopt;
    // The last byte is looked at with the next piece: a mark may lie on the border.
    const void* found = std::memchr(piece.data(), 0xFF, length - 1);
    if (found == nullptr) {
      at += length - 1;
      continue;
    }
    const auto place =
        static_cast<std::uint64_t>(static_cast<const std::byte*>(found) - piece.data());
    const int marker = ReadU8(piece, place + 1);
    at += place + (marker == 0xFF ? 1 : 2);
    if (marker == 0xD9) return at;
    if (!HasSegment(marker)) continue;
    if (visit) visit(marker, at);
    at += ReadU16(file->Read(at, 2), 0, ByteOrder::kBig);
  }
  return std::nullopt;
}

std::optional<MissingPart> FindMissingPart(ByteSource* file, Format format) {
  switch (format) {
    case Format::kJpeg:
      return FindMissingInJpeg(file);
    case Format::kPng:
      return FindMissingInPng(file);
    case Format::kWebp:
      return FindMissingInWebp(file);
    case Format::kTiff:
      return FindMissingInTiff(file);
    case Format::kHeic:
    case Format::kAvif:
      return FindMissingInHeif(file);
  }
  return std::nullopt;
}

}  // namespace gpen::codec
