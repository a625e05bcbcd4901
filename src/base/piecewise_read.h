// Reading an open file piece by piece: interruptions and short reads end here.
//
// The file's own position is neither used nor moved, so several threads may read one file.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gpen {

/// How far a read came.
struct ReadPiece {
  std::size_t bytes = 0;  ///< Less than was asked for only where the file ends or on an error.
  int error_number = 0;   ///< The system's (EIO...) for what follows these bytes, or 0.
};

/// Fills `into` with the bytes of the file from `offset` on.
ReadPiece ReadAt(int descriptor, std::int64_t offset, std::span<std::byte> into);

/// Calls visit(block), a span of bytes, for one block of the file after the other, from its start
/// until `most_bytes` were read or the file ends. Returns how far it came.
template <typename Visit>
ReadPiece ReadInBlocks(int descriptor, std::size_t most_bytes, const Visit& visit) {
  std::array<std::byte, 1 << 16> block;
  ReadPiece all;
  while (all.bytes < most_bytes) {
    const auto wanted = std::span(block).first(std::min(block.size(), most_bytes - all.bytes));
    const ReadPiece piece = ReadAt(descriptor, static_cast<std::int64_t>(all.bytes), wanted);
    if (piece.bytes > 0) visit(std::span<const std::byte>(wanted.first(piece.bytes)));
    all.bytes += piece.bytes;
    all.error_number = piece.error_number;
    if (piece.bytes < wanted.size()) break;
  }
  return all;
}

}  // namespace gpen
