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

}  // namespace gpen::codec
