#include "base/sqlite_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

namespace gpen {
namespace {

Error SqliteError(sqlite3* database, int result, std::string_view where) {
  const std::string reason =
      database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  const auto error = [&](ErrorCode code, std::string_view remedy) {
    return Error(code, fmt::format("the database {}: {}{}", where, reason, remedy));
  };
  switch (result & 0xFF) {
    case SQLITE_FULL:
      return error(ErrorCode::kUnavailable, "; free some space on its disk");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return error(ErrorCode::kUnavailable, "; another program holds it, try again");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return error(ErrorCode::kUnavailable, "; make its folder writable for this user");
    case SQLITE_IOERR:
      return error(ErrorCode::kUnavailable, "; check the disk and its free space");
    case SQLITE_NOMEM:
      return error(ErrorCode::kOutOfMemory, "");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return error(
          ErrorCode::kConflict,
          "; move the file (and those with -wal and -shm at its end) away and start again: "
          "finished photos stay, what was remembered of them starts empty");
    default:
      return error(ErrorCode::kInternal, "");
  }
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* database, sqlite3_stmt* statement, std::string_view where)
    : database_(database), statement_(statement), where_(where) {}

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      where_(std::move(other.where_)),
      parameter_(other.parameter_),
      column_(other.column_),
      bind_result_(other.bind_result_) {}

SqliteStatement::~SqliteStatement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqliteStatement& SqliteStatement::Bind(std::int64_t value) {
  const int result = sqlite3_bind_int64(statement_, ++parameter_, value);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

SqliteStatement& SqliteStatement::Bind(double value) {
  const int result = sqlite3_bind_double(statement_, ++parameter_, value);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

SqliteStatement& SqliteStatement::Bind(std::string_view value) {
  // An empty view may have no address, which SQLite would take for NULL.
  const int result =
      sqlite3_bind_text64(statement_, ++parameter_, value.empty() ? "" : value.data(), value.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

Result<bool> SqliteStatement::Step() {
  if (bind_result_ != SQLITE_OK) return SqliteError(nullptr, bind_result_, where_);
  column_ = 0;
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return SqliteError(database_, result, where_);
}

Result<void> SqliteStatement::Run() {
  GPEN_TRY(Step());
  return {};
}

std::int64_t SqliteStatement::Integer() { return sqlite3_column_int64(statement_, column_++); }

double SqliteStatement::Real() { return sqlite3_column_double(statement_, column_++); }

std::string SqliteStatement::Text() {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column_));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column_++));
  return text == nullptr ? std::string() : std::string(text, size);
}

SqliteDatabase::SqliteDatabase(sqlite3* database, std::string where)
    : database_(database), where_(std::move(where)) {}

SqliteDatabase::~SqliteDatabase() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::filesystem::path& file,
                                                             std::int64_t busy_timeout_ms) {
  sqlite3* raw = nullptr;
  // NOMUTEX: the store has its own lock.
  const int opened =
      sqlite3_open_v2(file.c_str(), &raw,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  // Takes over the handle, which exists even after most failures.
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(raw, file.string()));
  if (opened != SQLITE_OK) return SqliteError(raw, opened, file.string());
  sqlite3_busy_timeout(raw, static_cast<int>(busy_timeout_ms));
  return database;
}

Result<void> SqliteDatabase::Execute(const char* sql) {
  const int result = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return SqliteError(database_, result, where_);
  return {};
}

Result<SqliteStatement> SqliteDatabase::Prepare(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* statement = nullptr;
    const int result = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (result != SQLITE_OK) return SqliteError(database_, result, where_);
    found = statements_.emplace(sql, statement).first;
  }
  return SqliteStatement(database_, found->second, where_);
}

Result<std::string> SqliteDatabase::QueryText(std::string_view sql) {
  GPEN_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  GPEN_ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Text() : std::string();
}

Result<std::int64_t> SqliteDatabase::QueryInteger(std::string_view sql) {
  GPEN_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  GPEN_ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Integer() : 0;
}

std::int64_t SqliteDatabase::LastInsertId() const { return sqlite3_last_insert_rowid(database_); }

bool SqliteDatabase::InTransaction() const { return sqlite3_get_autocommit(database_) == 0; }

}  // namespace gpen
