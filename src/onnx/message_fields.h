// The fields of a Protocol Buffers message, the format of ONNX files, read from a ByteSource one by
// one.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "onnx/byte_source.h"

namespace gpen::onnx {

inline Error Invalid(const ByteSource& source, std::string_view what) {
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: expected an ONNX model: {}", source.name(), what));
}

// One field of a Protocol Buffers message: a number, or a range of bytes.
struct Field {
  int number = 0;
  int wire_type = 0;
  std::uint64_t integer = 0;  // Also the bits of a float.
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// Walks over the fields of the message in [offset, end) of a source.
class FieldReader {
 public:
  FieldReader(const ByteSource& source, std::uint64_t offset, std::uint64_t end)
      : source_(source), offset_(offset), end_(end) {}

  // Nothing at the end of the message.
  Result<std::optional<Field>> Next() {
    if (offset_ >= end_) return std::optional<Field>();
    GPEN_ASSIGN_OR_RETURN(const auto tag, Varint());
    Field field;
    field.number = static_cast<int>((tag >> 3) & 0x1FFFFFFF);
    field.wire_type = static_cast<int>(tag & 7);
    switch (field.wire_type) {
      case 0: {
        GPEN_ASSIGN_OR_RETURN(field.integer, Varint());
        break;
      }
      case 1:
      case 5: {
        for (int i = 0; i < (field.wire_type == 1 ? 8 : 4); ++i) {
          GPEN_ASSIGN_OR_RETURN(const auto byte, Byte());
          field.integer |= static_cast<std::uint64_t>(byte) << (8 * i);
        }
        break;
      }
      case 2: {
        GPEN_ASSIGN_OR_RETURN(field.size, Varint());
        field.offset = offset_;
        if (field.size > end_ - offset_) {
          return Invalid(source_, "a field ends after the file: it is cut short or damaged");
        }
        offset_ += field.size;
        break;
      }
      default:
        return Invalid(source_, "its bytes are no Protocol Buffers message");
    }
    return std::optional(field);
  }

 private:
  static constexpr std::uint64_t kWindowBytes = 1 << 16;

  Result<std::uint8_t> Byte() {
    if (offset_ >= end_) return Invalid(source_, "it is cut short");
    if (offset_ < window_offset_ || offset_ - window_offset_ >= window_.size()) {
      window_offset_ = offset_;
      GPEN_ASSIGN_OR_RETURN(window_,
                            source_.ReadBytes(offset_, std::min(kWindowBytes, end_ - offset_)));
    }
    return static_cast<std::uint8_t>(window_[static_cast<std::size_t>(offset_++ - window_offset_)]);
  }

  Result<std::uint64_t> Varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      GPEN_ASSIGN_OR_RETURN(const auto byte, Byte());
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    return Invalid(source_, "its bytes are no Protocol Buffers message");
  }

  const ByteSource& source_;
  std::uint64_t offset_;
  std::uint64_t end_;
  std::uint64_t window_offset_ = 0;
  std::vector<std::byte> window_;
};

// Calls `visit(field)` for every field of the message in `field`'s range.
template <typename Visit>
Result<void> ForEachField(const ByteSource& source, std::uint64_t offset, std::uint64_t size,
                          const Visit& visit) {
  FieldReader reader(source, offset, offset + size);
  for (;;) {
    GPEN_ASSIGN_OR_RETURN(const auto field, reader.Next());
    if (!field) return {};
    GPEN_TRY(visit(*field));
  }
}

}  // namespace gpen::onnx
