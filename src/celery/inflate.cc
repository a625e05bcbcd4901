#include "celery/inflate.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <memory>

namespace gpen::celery {

Result<std::string> Inflate(std::string_view bytes, std::size_t most_bytes) {
  constexpr int kEitherFormat = 15 + 32;
  z_stream stream = {};
  if (::inflateInit2(&stream, kEitherFormat) != Z_OK) {
    return Error(ErrorCode::kOutOfMemory, "not enough memory to inflate a message");
  }
  const std::unique_ptr<z_stream, decltype(&::inflateEnd)> owned(&stream, &::inflateEnd);
  // zlib does not write to it.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string whole;
  std::array<char, 16 * 1024> piece = {};
  int outcome = Z_OK;
  while (outcome == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    outcome = ::inflate(&stream, Z_NO_FLUSH);
    whole.append(piece.data(), piece.size() - stream.avail_out);
    if (whole.size() > most_bytes) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("expected at most {} bytes after inflating", most_bytes));
    }
  }
  if (outcome != Z_STREAM_END) {
    return Error(ErrorCode::kInvalidArgument, "expected a whole zlib stream, found a damaged one");
  }
  return whole;
}

}  // namespace gpen::celery
