// Appends numbers and text to bytes that grow.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

inline void Append(Bytes bytes, std::vector<std::byte>* target) {
  const std::size_t before = target->size();
  target->resize(before + bytes.size());
  std::copy(bytes.begin(), bytes.end(), target->begin() + static_cast<std::ptrdiff_t>(before));
}

inline void Append(std::string_view text, std::vector<std::byte>* target) {
  Append(std::as_bytes(std::span(text.data(), text.size())), target);
}

/// `size` bytes of `value`.
inline void AppendUnsigned(std::uint64_t value, int size, ByteOrder order,
                           std::vector<std::byte>* target) {
  for (int i = 0; i < size; ++i) {
    const int shift = 8 * (order == ByteOrder::kBig ? size - 1 - i : i);
    target->push_back(static_cast<std::byte>(value >> shift & 0xFF));
  }
}

}  // namespace gpen::codec
