// SqliteDatabase and SqliteStatement: one connection with its prepared statements, errors as
// Result.
//
// The SQLite types are only declared here. One object, one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gpen {

/// A prepared statement in use; reset, and usable again, when it is destroyed.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* database, sqlite3_stmt* statement, std::string_view where);
  SqliteStatement(SqliteStatement&& other) noexcept;
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement();

  /// Binds the next parameter, in the order of the `?`s. Texts are copied.
  SqliteStatement& Bind(std::int64_t value);
  SqliteStatement& Bind(double value);
  SqliteStatement& Bind(std::string_view value);

  /// True if there is a row, false at the end. Errors: those of SqliteDatabase.
  Result<bool> Step();
  /// Runs a statement that gives no rows, or whose rows do not matter.
  Result<void> Run();

  /// The next column of the row, in order.
  std::int64_t Integer();
  double Real();
  std::string Text();

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
  std::string where_;
  int parameter_ = 0;
  int column_ = 0;
  int bind_result_ = 0;
};

/// Errors: kUnavailable (disk full, I/O error, read-only, busy), kConflict (damaged or no
/// database), kInternal (a bug in a statement). Messages name the file and what to do.
class SqliteDatabase {
 public:
  static Result<std::unique_ptr<SqliteDatabase>> Open(const std::filesystem::path& file,
                                                      std::int64_t busy_timeout_ms);
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  ~SqliteDatabase();

  /// Several statements without parameters.
  Result<void> Execute(const char* sql);
  /// Prepares `sql` once for the life of the connection. It must not be in use already.
  Result<SqliteStatement> Prepare(std::string_view sql);
  /// The first column of the only row.
  Result<std::string> QueryText(std::string_view sql);
  Result<std::int64_t> QueryInteger(std::string_view sql);

  std::int64_t LastInsertId() const;
  bool InTransaction() const;

 private:
  SqliteDatabase(sqlite3* database, std::string where);

  sqlite3* database_;
  std::string where_;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
};

}  // namespace gpen
