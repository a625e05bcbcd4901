#include "base/inflate.h"

#include <fmt/format.h>
#include <zlib.h>

#include <memory>

namespace gpen {

Result<std::vector<std::byte>> Inflate(std::span<const std::byte> packed, std::size_t most_bytes,
                                       Packing packing) {
  constexpr int kWindow = 15;
  constexpr int kEitherFormat = 32;
  constexpr std::size_t kPiece = 65536;
  z_stream stream = {};
  const int bits = packing == Packing::kZlib ? kWindow : kWindow + kEitherFormat;
  if (::inflateInit2(&stream, bits) != Z_OK) {
    return Error(ErrorCode::kOutOfMemory, "not enough memory to inflate");
  }
  const std::unique_ptr<z_stream, decltype(&::inflateEnd)> owned(&stream, &::inflateEnd);
  // zlib does not write to it.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::vector<std::byte> plain;
  int outcome = Z_OK;
  while (outcome == Z_OK) {
    const std::size_t before = plain.size();
    plain.resize(before + kPiece);
    stream.next_out = reinterpret_cast<Bytef*>(plain.data() + before);
    stream.avail_out = static_cast<uInt>(kPiece);
    outcome = ::inflate(&stream, Z_NO_FLUSH);
    plain.resize(plain.size() - stream.avail_out);
    if (plain.size() > most_bytes) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("expected at most {} bytes after inflating", most_bytes));
    }
  }
  if (outcome != Z_STREAM_END) {
    return Error(ErrorCode::kInvalidArgument, "expected a whole zlib stream, found a damaged one");
  }
  return plain;
}

std::vector<std::byte> Deflate(std::span<const std::byte> plain) {
  uLongf size = ::compressBound(plain.size());
  std::vector<std::byte> packed(size);
  ::compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
              reinterpret_cast<const Bytef*>(plain.data()), plain.size(), Z_BEST_COMPRESSION);
  packed.resize(size);
  return packed;
}

}  // namespace gpen
