// What requests ask for in path and query, read and checked.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "http/request.h"
#include "jobs/job_store.h"

namespace gpen::api {

/// No id is larger.
inline constexpr std::int64_t kMostId = std::int64_t{1} << 62;

/// The whole number that `text` is. Errors: kInvalidArgument, naming `what`.
Result<std::int64_t> ParseWhole(std::string_view what, std::string_view text, std::int64_t least,
                                std::int64_t most);

/// The whole number `name` of the query; `otherwise` where it is absent. Errors: kInvalidArgument.
Result<std::int64_t> QueryWhole(const http::Request& request, std::string_view name,
                                std::int64_t otherwise, std::int64_t least, std::int64_t most);

/// Whether the switch `name` of the query is 1; without it, 0. Errors: kInvalidArgument.
Result<bool> QuerySwitch(const http::Request& request, std::string_view name);

/// The {id} of the path, which names a `kind` ("job"). Errors: kNotFound ("no such job") for what
/// can be no id.
Result<std::int64_t> ParseId(const http::Request& request, std::string_view kind);

/// The filter of a list of jobs that the query asks for. Errors: kInvalidArgument.
Result<jobs::JobFilter> ParseJobFilter(const http::Request& request);

/// The filter of events that the query asks for; its other parameters are the caller's. Errors:
/// kInvalidArgument.
Result<jobs::EventFilter> ParseEventFilter(const http::Request& request);

}  // namespace gpen::api
