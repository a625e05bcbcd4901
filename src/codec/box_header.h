// The header of a box: HEIF files are boxes that follow each other and hold others (ISO/IEC
// 14496-12).
#pragma once

#include "codec/byte_reader.h"

namespace gpen::codec {

struct BoxHeader {
  std::uint64_t header_bytes = 8;
  std::uint64_t size = 0;  ///< Of the whole box; 0: it goes up to the end of what holds it.

  /// False for a size that does not even hold the header.
  bool is_sane() const { return size == 0 || size >= header_bytes; }
};

/// The header at `offset` of `bytes`, of which at most 16 are read; what is missing reads as 0.
inline BoxHeader ReadBoxHeader(Bytes bytes, std::uint64_t offset) {
  const std::uint64_t size = ReadU32(bytes, offset, ByteOrder::kBig);
  if (size != 1) return {8, size};
  return {16, ReadUnsigned(bytes, offset + 8, 8, ByteOrder::kBig)};
}

struct Box {
  Bytes content;
  std::uint64_t end = 0;  ///< Offset after the box.
};

/// The box at `offset` of `bytes`, cut to what is there.
inline Box ReadBox(Bytes bytes, std::uint64_t offset) {
  const BoxHeader box = ReadBoxHeader(bytes, offset);
  const std::uint64_t left = bytes.size() - offset;
  const std::uint64_t size = box.size == 0 || box.size > left ? left : box.size;
  if (size < box.header_bytes) return {{}, bytes.size()};
  return {bytes.subspan(offset + box.header_bytes, size - box.header_bytes), offset + size};
}

/// Calls `visit(offset of the box, its content)` for the boxes of `bytes` from `offset` on.
template <typename Visit>
void ForEachBox(Bytes bytes, std::uint64_t offset, Visit visit) {
  while (offset + 8 <= bytes.size()) {
    const Box box = ReadBox(bytes, offset);
    visit(offset, box.content);
    offset = box.end;
  }
}

}  // namespace gpen::codec
