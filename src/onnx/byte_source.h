// ByteSource: bytes that are read piece by piece, from a file or from memory.
//
// A checkpoint of 300 MB is never loaded or mapped as a whole: its directory and pickle are read,
// then each tensor when it is needed. A file that shrinks meanwhile gives an error, not a signal.
// Reading is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace gpen::onnx {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  virtual std::uint64_t size() const = 0;
  /// Where the bytes come from, for messages.
  virtual const std::string& name() const = 0;

  /// Fills `out` with the bytes from `offset` on. Errors: kModelInvalid (they end before),
  /// kUnavailable (the disk does not answer).
  virtual Result<void> Read(std::uint64_t offset, std::span<std::byte> out) const = 0;

  /// `count` bytes from `offset` on, of which no more are allocated than there are.
  Result<std::vector<std::byte>> ReadBytes(std::uint64_t offset, std::uint64_t count) const;
};

/// Errors: kModelMissing (no such file), kInvalidArgument (a folder or device).
Result<std::unique_ptr<ByteSource>> OpenFile(const std::filesystem::path& path);

/// `bytes` must outlive the source.
std::unique_ptr<ByteSource> FromMemory(std::span<const std::byte> bytes, std::string name);

}  // namespace gpen::onnx
