// What kind of file bytes are, told by their content alone: names and extensions lie.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "codec/photo.h"

namespace gpen::codec {

/// The format whose signature `bytes` begin with.
///
/// Errors: kUnsupportedFormat, with what the bytes look like instead.
Result<Format> SniffFormat(std::span<const std::byte> bytes);

/// What bytes that are none of our formats look like: "a GIF image", "an empty file", "text".
std::string DescribeUnsupported(std::span<const std::byte> bytes);

}  // namespace gpen::codec
