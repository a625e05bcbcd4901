// Appends numbers and text to bytes that grow.
#pragma once

#include <string_view>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

void Append(Bytes bytes, std::vector<std::byte>* target);
void Append(std::string_view text, std::vector<std::byte>* target);

/// `size` bytes of `value`.
void AppendUnsigned(std::uint64_t value, int size, ByteOrder order, std::vector<std::byte>* target);

}  // namespace gpen::codec
