#include "codec/byte_source.h"

#include <unistd.h>

#include <algorithm>

namespace gpen::codec {
namespace {

constexpr std::uint64_t kReadAhead = 16 << 10;

}  // namespace

Bytes OpenFileSource::Read(std::uint64_t at, std::uint64_t length) {
  if (at > size_ || length > size_ - at) return {};
  const bool is_there = at >= buffer_at_ && at - buffer_at_ <= buffer_.size() &&
                        length <= buffer_.size() - (at - buffer_at_);
  if (!is_there && !Fill(at, length)) return {};
  return Bytes(buffer_).subspan(at - buffer_at_, length);
}

// Reads `length` bytes or fails; what lies behind them only where it is there.
bool OpenFileSource::Fill(std::uint64_t at, std::uint64_t length) {
  buffer_.resize(std::min(std::max(length, kReadAhead), size_ - at));
  buffer_at_ = at;
  std::uint64_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t n = ::pread(descriptor_, buffer_.data() + done, buffer_.size() - done,
                              static_cast<off_t>(at + done));
    if (n <= 0) break;
    done += static_cast<std::uint64_t>(n);
  }
  buffer_.resize(done);
  return done >= length;
}

}  // namespace gpen::codec
