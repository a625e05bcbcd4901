#include "base/piecewise_read.h"

#include <unistd.h>

#include <cerrno>

namespace gpen {

ReadPiece ReadAt(int descriptor, std::int64_t offset, std::span<std::byte> into) {
  ReadPiece piece;
  while (piece.bytes < into.size()) {
    const auto rest = into.subspan(piece.bytes);
    const auto at = offset + static_cast<std::int64_t>(piece.bytes);
    const ssize_t n = ::pread(descriptor, rest.data(), rest.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) piece.error_number = errno;
    if (n <= 0) break;
    piece.bytes += static_cast<std::size_t>(n);
  }
  return piece;
}

}  // namespace gpen
