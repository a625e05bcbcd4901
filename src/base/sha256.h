// SHA-256 of bytes and files, as 64 lower-case hexadecimal digits.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace gpen {

/// The digest of bytes that come piece by piece.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();

  void Write(std::span<const std::byte> bytes);
  /// Call once, after the last Write().
  std::string Finish();

 private:
  class Digest;
  std::unique_ptr<Digest> digest_;
};

std::string Sha256(std::span<const std::byte> bytes);

/// Reads the file in blocks. Errors: as ReadFile.
Result<std::string> Sha256OfFile(const std::filesystem::path& path);

}  // namespace gpen
