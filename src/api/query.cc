#include "api/query.h"

#include <fmt/format.h>

#include <charconv>

namespace gpen::api {
namespace {

// Sets what the parameter `name` says about `filter`.
Result<void> Narrow(std::string_view name, const std::string& value, jobs::JobFilter* filter) {
  if (name == "state") {
    const auto state = jobs::JobStateFromName(value);
    if (!state) {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("state: expected queued, running, done, failed or cancelled, found \"{}\"",
                      value));
    }
    filter->states.push_back(*state);
  } else if (name == "priority") {
    filter->priority = jobs::JobPriorityFromName(value);
    if (!filter->priority) {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("priority: expected interactive, batch or watch, found \"{}\"", value));
    }
  } else if (name == "batch") {
    GPEN_ASSIGN_OR_RETURN(filter->batch, ParseWhole(name, value, 1, kMostId));
  } else if (name == "text") {
    filter->text = value;
  } else if (name == "before") {
    GPEN_ASSIGN_OR_RETURN(filter->before, ParseWhole(name, value, 0, kMostId));
  } else if (name == "limit") {
    GPEN_ASSIGN_OR_RETURN(const auto limit, ParseWhole(name, value, 1, 500));
    filter->limit = static_cast<int>(limit);
  } else {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("unknown filter \"{}\": expected state, priority, batch, text, before or limit",
                    name));
  }
  return {};
}

}  // namespace

Result<std::int64_t> ParseWhole(std::string_view what, std::string_view text, std::int64_t least,
                                std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}: expected a whole number from {} to {}, found \"{}\"", what, least,
                             most, text));
  }
  return value;
}

Result<std::int64_t> QueryWhole(const http::Request& request, std::string_view name,
                                std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  const auto text = request.target.Query(name);
  if (!text) return otherwise;
  return ParseWhole(name, *text, least, most);
}

Result<bool> QuerySwitch(const http::Request& request, std::string_view name) {
  GPEN_ASSIGN_OR_RETURN(const auto value, QueryWhole(request, name, 0, 0, 1));
  return value == 1;
}

Result<std::int64_t> ParseId(const http::Request& request, std::string_view kind) {
  auto id = ParseWhole(kind, request.PathParameter("id"), 1, kMostId);
  if (!id) return Error(ErrorCode::kNotFound, fmt::format("no such {}", kind));
  return id;
}

Result<jobs::JobFilter> ParseJobFilter(const http::Request& request) {
  jobs::JobFilter filter;
  for (const auto& [name, value] : request.target.query) GPEN_TRY(Narrow(name, value, &filter));
  return filter;
}

Result<jobs::EventFilter> ParseEventFilter(const http::Request& request) {
  jobs::EventFilter filter;
  GPEN_ASSIGN_OR_RETURN(filter.job, QueryWhole(request, "job", 0, 1, kMostId));
  GPEN_ASSIGN_OR_RETURN(filter.batch, QueryWhole(request, "batch", 0, 1, kMostId));
  return filter;
}

}  // namespace gpen::api
