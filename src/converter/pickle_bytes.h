// PickleBytes: takes the fields of a pickle from its bytes, one after another.
//
// A field that reaches beyond the end, or is damaged otherwise, is a kModelInvalid that says where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/result.h"

namespace gpen::converter {

class PickleBytes {
 public:
  explicit PickleBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// Bytes taken so far.
  std::size_t position() const { return position_; }

  /// The error that the pickle is damaged here; `what` completes "damaged pickle: ".
  Error Broken(std::string_view what) const;

  /// A little-endian number.
  template <typename Integer>
  Result<Integer> TakeInteger() {
    if (!Has(sizeof(Integer))) return Broken("it is cut short");
    Integer value;
    std::memcpy(&value, bytes_.data() + position_, sizeof value);
    position_ += sizeof value;
    return value;
  }

  /// A text behind its length. Texts point into the bytes.
  template <typename Length>
  Result<std::string_view> TakeSizedText() {
    GPEN_ASSIGN_OR_RETURN(const auto count, TakeInteger<Length>());
    if (count < 0) return Broken("a text has a negative length");
    return TakeText(static_cast<std::uint64_t>(count));
  }

  /// A text up to a line feed, which is taken too.
  Result<std::string_view> TakeLine();

 private:
  bool Has(std::uint64_t count) const { return count <= bytes_.size() - position_; }
  Result<std::string_view> TakeText(std::uint64_t count);

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

/// The little-endian number in two's complement of up to 8 bytes, as the opcodes LONG1 and LONG4
/// write it.
std::int64_t SignedInteger(std::string_view bytes);

}  // namespace gpen::converter
