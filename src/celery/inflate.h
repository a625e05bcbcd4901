// Bodies that kombu calls "gzip": the format of zlib, or of gzip.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gpen::celery {

/// Errors: kInvalidArgument (damaged, or more than `most_bytes`).
Result<std::string> Inflate(std::string_view bytes, std::size_t most_bytes);

}  // namespace gpen::celery
