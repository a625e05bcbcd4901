#include "codec/byte_writer.h"

namespace gpen::codec {

void Append(Bytes bytes, std::vector<std::byte>* target) {
  target->insert(target->end(), bytes.begin(), bytes.end());
}

void Append(std::string_view text, std::vector<std::byte>* target) {
  Append(std::as_bytes(std::span(text.data(), text.size())), target);
}

void AppendUnsigned(std::uint64_t value, int size, ByteOrder order,
                    std::vector<std::byte>* target) {
  for (int i = 0; i < size; ++i) {
    const int shift = 8 * (order == ByteOrder::kBig ? size - 1 - i : i);
    target->push_back(static_cast<std::byte>(value >> shift & 0xFF));
  }
}

}  // namespace gpen::codec
