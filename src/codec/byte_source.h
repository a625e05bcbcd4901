// ByteSource: the bytes of a file, in memory or open on a disk, where somebody may still be writing
// it. So one check serves a photo that was read and one that is only looked at.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  virtual std::uint64_t size() const = 0;

  /// The `length` bytes at `at`: all of them, or none. They stay valid until the next call.
  virtual Bytes Read(std::uint64_t at, std::uint64_t length) = 0;
};

/// Bytes that outlive this.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Bytes Read(std::uint64_t at, std::uint64_t length) override { return Slice(bytes_, at, length); }

 private:
  Bytes bytes_;
};

/// An open file that somebody may shorten while it is read: no mapping of it, for that reason.
class OpenFileSource : public ByteSource {
 public:
  /// The descriptor stays the caller's. `size`: as it was found.
  OpenFileSource(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Bytes Read(std::uint64_t at, std::uint64_t length) override;

 private:
  bool Fill(std::uint64_t at, std::uint64_t length);

  int descriptor_;
  std::uint64_t size_;
  std::vector<std::byte> buffer_;  // What was read last, and a little more: readers go forwards.
  std::uint64_t buffer_at_ = 0;
};

}  // namespace gpen::codec
