// How rows of the queue's tables are read and values are bound. Internal to the SQLite table.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/sqlite_database.h"

namespace gpen::jobs {

inline std::int64_t ToNumber(Timestamp time) { return time.time_since_epoch().count(); }
inline Timestamp ToTime(std::int64_t number) { return Timestamp(Milliseconds(number)); }
template <typename Enum>
std::int64_t EnumNumber(Enum value) {
  return static_cast<std::int64_t>(value);
}
inline std::int64_t Flag(bool value) { return value ? 1 : 0; }

template <typename Read>
auto ReadAll(SqliteStatement& statement, const Read& read)
    -> Result<std::vector<decltype(read(statement))>> {
  std::vector<decltype(read(statement))> rows;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return rows;
    rows.push_back(read(statement));
  }
}

template <typename Read>
auto ReadFirst(SqliteStatement& statement, const Read& read)
    -> Result<std::optional<decltype(read(statement))>> {
  GPEN_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return std::optional<decltype(read(statement))>();
  return std::optional(read(statement));
}

}  // namespace gpen::jobs
