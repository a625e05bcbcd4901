#include "codec/cut_short.h"

#include <algorithm>

#include "codec/byte_source.h"
#include "codec/sniff.h"
#include "codec/whole_file.h"

namespace gpen::codec {
namespace {

constexpr std::uint64_t kHead = 16;

}  // namespace

bool LooksCutShort(int descriptor, std::int64_t size) {
  OpenFileSource file(descriptor, static_cast<std::uint64_t>(std::max<std::int64_t>(size, 0)));
  const Bytes head = file.Read(0, std::min(file.size(), kHead));
  if (std::ranges::all_of(head, [](std::byte b) { return b == std::byte{0}; })) return true;
  const auto format = SniffFormat(head);
  const bool is_short = head.size() < kHead;
  if (file.Read(file.size() - 1, 1).empty()) return true;  // Shorter by now.
  return format ? FindMissingPart(&file, *format).has_value() : is_short;
}

}  // namespace gpen::codec
