// MD5 of a file, as 32 lower-case hexadecimal digits: only to compare a download with what its
// publisher states. It protects against damage, not against people; sha256.h does both.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace gpen {

/// Reads the file in blocks. Errors: kNotFound, kUnavailable.
Result<std::string> Md5OfFile(const std::filesystem::path& path);

}  // namespace gpen
