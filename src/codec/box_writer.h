// Boxes of a HEIF file, written.
#pragma once

#include <string_view>
#include <vector>

#include "codec/box_header.h"
#include "codec/byte_writer.h"

namespace gpen::codec {

/// Appends a box with `type`, four letters, and `content`, of less than 4 GB.
inline void AppendBox(std::string_view type, Bytes content, std::vector<std::byte>* target) {
  AppendUnsigned(content.size() + 8, 4, ByteOrder::kBig, target);
  Append(type, target);
  Append(content, target);
}

/// The type of the box at `at`, within `bytes`.
inline std::string_view TypeOfBox(Bytes bytes, std::uint64_t at) {
  const Bytes type = Slice(bytes, at + 4, 4);
  return {reinterpret_cast<const char*>(type.data()), type.size()};
}

}  // namespace gpen::codec
