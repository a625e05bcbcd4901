// Bounds-checked reads of untrusted bytes. What lies outside reads as 0 or as an empty span, so
// that parsers check lengths once, where it matters. A view: it does not own the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gpen::codec {

using Bytes = std::span<const std::byte>;

enum class ByteOrder : std::uint8_t { kLittle, kBig };

/// The unsigned integer of `size` (1..8) bytes at `offset`; 0 where it does not lie within `bytes`.
inline std::uint64_t ReadUnsigned(Bytes bytes, std::uint64_t offset, int size, ByteOrder order) {
  const auto length = static_cast<std::uint64_t>(size);
  if (offset > bytes.size() || bytes.size() - offset < length) return 0;
  std::uint64_t value = 0;
  for (std::uint64_t i = 0; i < length; ++i) {
    const std::uint64_t from = order == ByteOrder::kBig ? i : length - 1 - i;
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[offset + from]);
  }
  return value;
}

inline std::uint8_t ReadU8(Bytes bytes, std::uint64_t offset) {
  return static_cast<std::uint8_t>(ReadUnsigned(bytes, offset, 1, ByteOrder::kBig));
}
inline std::uint16_t ReadU16(Bytes bytes, std::uint64_t offset, ByteOrder order) {
  return static_cast<std::uint16_t>(ReadUnsigned(bytes, offset, 2, order));
}
inline std::uint32_t ReadU32(Bytes bytes, std::uint64_t offset, ByteOrder order) {
  return static_cast<std::uint32_t>(ReadUnsigned(bytes, offset, 4, order));
}

/// The `length` bytes at `offset`; empty where they do not all lie within `bytes`.
inline Bytes Slice(Bytes bytes, std::uint64_t offset, std::uint64_t length) {
  if (offset > bytes.size() || bytes.size() - offset < length) return {};
  return bytes.subspan(offset, length);
}

/// True where `text` stands at `offset`.
inline bool HasTextAt(Bytes bytes, std::uint64_t offset, std::string_view text) {
  const Bytes found = Slice(bytes, offset, text.size());
  return found.size() == text.size() &&
         std::string_view(reinterpret_cast<const char*>(found.data()), found.size()) == text;
}

}  // namespace gpen::codec
