// Base64, as bodies of messages are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gpen::celery {

std::string EncodeBase64(std::string_view bytes);

/// Line ends in it are passed over; nothing where it is no Base64.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace gpen::celery
