// Moments as messages write them: "2026-11-26T12:01:20.293219+00:00".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace gpen::celery {

/// With any offset, "Z" or none (UTC), with or without fractions; nothing where it is no such text.
std::optional<Timestamp> ParseIsoTime(std::string_view text);

/// In UTC, with six digits of fractions.
std::string FormatIsoTime(Timestamp time);

/// Seconds since 1970, as events and indexes have them.
double UnixSeconds(Timestamp time);

}  // namespace gpen::celery
