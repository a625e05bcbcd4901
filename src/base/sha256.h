// SHA-256 of bytes and files, as 64 lower-case hexadecimal digits.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "base/result.h"

namespace gpen {

std::string Sha256(std::span<const std::byte> bytes);

/// Reads the file in blocks. Errors: as ReadFile.
Result<std::string> Sha256OfFile(const std::filesystem::path& path);

}  // namespace gpen
