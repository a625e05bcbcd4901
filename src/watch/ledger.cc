#include "watch/ledger.h"

#include <array>
#include <utility>

#include "base/durable_database.h"

namespace gpen::watch {
namespace {

// Never change a step that was released: append one. Paths are blobs: file names are bytes.
constexpr std::array<const char*, 2> kSteps = {
    R"sql(
      CREATE TABLE ledger (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        id TEXT NOT NULL
      );
      INSERT INTO ledger VALUES (1, lower(hex(randomblob(16))));
      CREATE TABLE folders (
        name TEXT PRIMARY KEY,
        root_was_mount INTEGER NOT NULL,
        output_existed INTEGER NOT NULL,
        output_was_mount INTEGER NOT NULL
      );
      CREATE TABLE files (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        folder TEXT NOT NULL,
        path BLOB NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
        due INTEGER NOT NULL,
        job INTEGER NOT NULL,
        message TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        result_key TEXT NOT NULL,
        output BLOB NOT NULL,
        output_size INTEGER NOT NULL,
        output_mtime_ns INTEGER NOT NULL,
        output_inode INTEGER NOT NULL,
        output_sha256 TEXT NOT NULL,
        intended BLOB NOT NULL,
        intended_size INTEGER NOT NULL,
        intended_mtime_ns INTEGER NOT NULL,
        intended_inode INTEGER NOT NULL,
        intended_sha256 TEXT NOT NULL,
        intended_generation INTEGER NOT NULL,
        intended_of TEXT NOT NULL,
        intended_key TEXT NOT NULL,
        UNIQUE (folder, path)
      );
      CREATE INDEX files_by_state ON files (folder, state, due, id);
      CREATE INDEX files_by_size ON files (folder, size) WHERE state BETWEEN 3 AND 5;
      CREATE INDEX files_by_key ON files (result_key) WHERE result_key <> '';
      CREATE INDEX files_by_output ON files (folder, output) WHERE output <> x'';
      CREATE INDEX files_by_content ON files (folder, sha256) WHERE sha256 <> '';
      CREATE INDEX files_by_output_size ON files (output_size) WHERE output <> x'';
      CREATE INDEX files_by_output_content ON files (output_sha256) WHERE output <> x'';
    )sql",
    "ALTER TABLE files ADD COLUMN gone_since INTEGER NOT NULL DEFAULT 0;",
};

constexpr const char* kColumns =
    "SELECT id, folder, path, size, mtime_ns, ctime_ns, inode, generation, state, due, job, "
    "message, sha256, result_key, output, output_size, output_mtime_ns, output_inode, "
    "output_sha256, intended, intended_size, intended_mtime_ns, intended_inode, intended_sha256, "
    "intended_generation, intended_of, intended_key, gone_since FROM files ";

std::string Query(const char* rest) { return std::string(kColumns) + rest; }

std::int64_t Number(FileState state) { return static_cast<std::int64_t>(state); }

std::int64_t Number(Timestamp time) { return time.time_since_epoch().count(); }

WrittenFile ReadWritten(SqliteStatement& statement) {
  WrittenFile written;
  written.path = statement.Text();
  written.identity.size = statement.Integer();
  written.identity.mtime_ns = statement.Integer();
  written.identity.inode = statement.Integer();
  written.sha256 = statement.Text();
  return written;
}

void BindWritten(const WrittenFile& written, SqliteStatement* statement) {
  statement->Bind(written.path)
      .Bind(written.identity.size)
      .Bind(written.identity.mtime_ns)
      .Bind(written.identity.inode)
      .Bind(written.sha256);
}

WatchedFile Row(SqliteStatement& statement) {
  WatchedFile file;
  file.id = statement.Integer();
  file.folder = statement.Text();
  file.path = statement.Text();
  file.identity.size = statement.Integer();
  file.identity.mtime_ns = statement.Integer();
  file.identity.ctime_ns = statement.Integer();
  file.identity.inode = statement.Integer();
  file.generation = statement.Integer();
  file.state = static_cast<FileState>(statement.Integer());
  file.due = Timestamp(Milliseconds(statement.Integer()));
  file.job = statement.Integer();
  file.message = statement.Text();
  file.sha256 = statement.Text();
  file.result_key = statement.Text();
  file.output = ReadWritten(statement);
  file.intended.written = ReadWritten(statement);
  file.intended.generation = statement.Integer();
  file.intended.sha256 = statement.Text();
  file.intended.result_key = statement.Text();
  file.gone_since = Timestamp(Milliseconds(statement.Integer()));
  return file;
}

// What to do about a row whose file was met with `identity`.
bool NeedsLook(const WatchedFile& known, const FileIdentity& identity, bool inodes_are_stable) {
  switch (known.state) {
    case FileState::kSettling:
      return known.identity != identity;
    case FileState::kFailed:  // Its permissions may have been mended.
      return known.identity.ctime_ns != identity.ctime_ns ||
             !SameContent(known.identity, identity, inodes_are_stable);
    case FileState::kMissing:
      return true;
    default:
      return !SameContent(known.identity, identity, inodes_are_stable);
  }
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::Open(const std::filesystem::path& file, const Clock& clock,
                                             bool alone) {
  GPEN_ASSIGN_OR_RETURN(auto database, OpenDurableDatabase(file, 10'000, alone));
  GPEN_TRY(MigrateSchema(*database, kSteps, Number(clock.Now())));
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(database), clock));
  GPEN_ASSIGN_OR_RETURN(ledger->id_, ledger->database_->QueryText("SELECT id FROM ledger"));
  return ledger;
}

Result<void> Ledger::InTransaction(const std::function<Result<void>()>& work) {
  const std::scoped_lock lock(mutex_);
  GPEN_TRY(database_->Execute("BEGIN IMMEDIATE"));
  auto done = work();
  if (done) done = database_->Execute("COMMIT");
  if (!done && database_->InTransaction()) {
    // The first error is the one that tells.
    [[maybe_unused]] const auto rolled_back = database_->Execute("ROLLBACK");
  }
  return done;
}

Result<bool> Ledger::NoteSeen(const std::string& folder, const std::string& path,
                              const FileIdentity& identity, Timestamp due, bool inodes_are_stable) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto known, FindPath(folder, path));
  if (!known) {
    GPEN_ASSIGN_OR_RETURN(
        auto insert,
        database_->Prepare("INSERT INTO files VALUES (NULL, ?, CAST(? AS BLOB), ?, ?, ?, ?, 1, 0, "
                           "?, 0, '', '', '', x'', 0, 0, 0, '', x'', 0, 0, 0, '', 0, '', '', 0)"));
    GPEN_TRY(insert.Bind(folder)
                 .Bind(path)
                 .Bind(identity.size)
                 .Bind(identity.mtime_ns)
                 .Bind(identity.ctime_ns)
                 .Bind(identity.inode)
                 .Bind(Number(due))
                 .Run());
    return true;
  }
  if (known->state == FileState::kSettling && known->identity == identity && due < known->due) {
    known->due = due;  // It was closed: no need to wait for longer.
    return Update(*known);
  }
  if (!NeedsLook(*known, identity, inodes_are_stable)) return false;
  known->identity = identity;
  known->state = FileState::kSettling;
  known->due = due;
  known->job = 0;
  known->message.clear();
  GPEN_ASSIGN_OR_RETURN(auto update,
                        database_->Prepare("UPDATE files SET generation = generation + 1 WHERE "
                                           "id = ?"));
  GPEN_TRY(update.Bind(known->id).Run());
  known->generation += 1;
  GPEN_TRY(Update(*known));
  return true;
}

Result<std::vector<WatchedFile>> Ledger::Select(SqliteStatement statement) {
  std::vector<WatchedFile> rows;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return rows;
    rows.push_back(Row(statement));
  }
}

Result<std::optional<WatchedFile>> Ledger::SelectOne(SqliteStatement statement) {
  GPEN_ASSIGN_OR_RETURN(auto rows, Select(std::move(statement)));
  if (rows.empty()) return std::optional<WatchedFile>();
  return std::optional(std::move(rows.front()));
}

Result<std::optional<WatchedFile>> Ledger::Find(FileId id) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query, database_->Prepare(Query("WHERE id = ?")));
  query.Bind(id);
  return SelectOne(std::move(query));
}

Result<std::optional<WatchedFile>> Ledger::FindPath(const std::string& folder,
                                                    const std::string& path) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare(Query("WHERE folder = ? AND path = CAST(? AS BLOB)")));
  query.Bind(folder).Bind(path);
  return SelectOne(std::move(query));
}

Result<std::vector<WatchedFile>> Ledger::Due(const std::string& folder, FileState state,
                                             int limit) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare(Query("WHERE folder = ? AND state = ? AND due <= ? "
                                                 "ORDER BY due, id LIMIT ?")));
  query.Bind(folder).Bind(Number(state)).Bind(Number(clock_.Now())).Bind(std::int64_t{limit});
  return Select(std::move(query));
}

Result<std::optional<Timestamp>> Ledger::NextDue(const std::string& folder, FileState state) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare("SELECT due FROM files WHERE folder = ? AND state = ? "
                                           "ORDER BY due LIMIT 1"));
  query.Bind(folder).Bind(Number(state));
  GPEN_ASSIGN_OR_RETURN(const bool found, query.Step());
  if (!found) return std::optional<Timestamp>();
  return std::optional(Timestamp(Milliseconds(query.Integer())));
}

Result<std::vector<WatchedFile>> Ledger::Queued(const std::string& folder) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare(Query("WHERE folder = ? AND state = 2 ORDER BY id")));
  query.Bind(folder);
  return Select(std::move(query));
}

Result<bool> Ledger::KnowsSize(const std::string& folder, std::int64_t size) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(
      auto query,
      database_->Prepare("SELECT EXISTS (SELECT 1 FROM files WHERE folder = ? AND size = ? AND "
                         "state BETWEEN 3 AND 5) OR EXISTS (SELECT 1 FROM files WHERE "
                         "output_size = ? AND output <> x'')"));
  GPEN_TRY(query.Bind(folder).Bind(size).Bind(size).Step());
  return query.Integer() != 0;
}

Result<std::vector<WatchedFile>> Ledger::WithContent(const std::string& folder,
                                                     const std::string& sha256) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(
      auto query, database_->Prepare(Query("WHERE folder = ? AND sha256 = ? AND sha256 <> '' AND "
                                           "state BETWEEN 3 AND 5 ORDER BY id")));
  query.Bind(folder).Bind(sha256);
  return Select(std::move(query));
}

Result<std::vector<WatchedFile>> Ledger::WithOutputContent(const std::string& sha256) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(
      auto query, database_->Prepare(Query("WHERE output_sha256 = ? AND output <> x'' LIMIT 100")));
  query.Bind(sha256);
  return Select(std::move(query));
}

Result<std::vector<WatchedFile>> Ledger::WithResultKey(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare(Query("WHERE result_key = ? AND result_key <> '' "
                                                 "ORDER BY id LIMIT 100")));
  query.Bind(key);
  return Select(std::move(query));
}

Result<std::optional<WatchedFile>> Ledger::WithOutput(const std::string& folder,
                                                      const std::string& output) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare(Query("WHERE folder = ? AND output = CAST(? AS BLOB) "
                                                 "AND output <> x''")));
  query.Bind(folder).Bind(output);
  return SelectOne(std::move(query));
}

Result<bool> Ledger::Update(const WatchedFile& file) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(
      auto update,
      database_->Prepare(
          "UPDATE files SET size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, state = ?, due = ?, "
          "job = ?, message = ?, sha256 = ?, result_key = ?, output = CAST(? AS BLOB), "
          "output_size = ?, output_mtime_ns = ?, output_inode = ?, output_sha256 = ?, "
          "intended = CAST(? AS BLOB), intended_size = ?, intended_mtime_ns = ?, "
          "intended_inode = ?, intended_sha256 = ?, intended_generation = ?, intended_of = ?, "
          "intended_key = ? WHERE id = ? AND generation = ? RETURNING id"));
  update.Bind(file.identity.size)
      .Bind(file.identity.mtime_ns)
      .Bind(file.identity.ctime_ns)
      .Bind(file.identity.inode)
      .Bind(Number(file.state))
      .Bind(Number(file.due))
      .Bind(file.job)
      .Bind(file.message)
      .Bind(file.sha256)
      .Bind(file.result_key);
  BindWritten(file.output, &update);
  BindWritten(file.intended.written, &update);
  update.Bind(file.intended.generation).Bind(file.intended.sha256).Bind(file.intended.result_key);
  update.Bind(file.id).Bind(file.generation);
  GPEN_ASSIGN_OR_RETURN(const bool updated, update.Step());
  if (updated) GPEN_TRY(update.Step());  // To its end: that commits.
  return updated;
}

Result<void> Ledger::Erase(FileId id) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto erase, database_->Prepare("DELETE FROM files WHERE id = ?"));
  return erase.Bind(id).Run();
}

Result<void> Ledger::Rename(FileId id, const std::string& path) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto update,
                        database_->Prepare("UPDATE files SET path = CAST(? AS BLOB) WHERE id = ?"));
  return update.Bind(path).Bind(id).Run();
}

Result<std::vector<WatchedFile>> Ledger::Finished(const std::string& folder, FileId after,
                                                  int limit) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare(Query("WHERE folder = ? AND id > ? AND state BETWEEN 3 "
                                                 "AND 6 ORDER BY id LIMIT ?")));
  query.Bind(folder).Bind(after).Bind(std::int64_t{limit});
  return Select(std::move(query));
}

Result<void> Ledger::SetGoneSince(FileId id, Timestamp since) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto update,
                        database_->Prepare("UPDATE files SET gone_since = ? WHERE id = ?"));
  return update.Bind(Number(since)).Bind(id).Run();
}

Result<FolderCounts> Ledger::Count(const std::string& folder) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare("SELECT state, COUNT(*) FROM files WHERE folder = ? "
                                           "GROUP BY state"));
  query.Bind(folder);
  FolderCounts counts;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const bool more, query.Step());
    if (!more) return counts;
    const auto state = static_cast<FileState>(query.Integer());
    const std::int64_t count = query.Integer();
    if (state == FileState::kDone || state == FileState::kSkipped) counts.done += count;
    if (state == FileState::kFailed) counts.failed += count;
    if (state <= FileState::kQueued) counts.waiting += count;
  }
}

Result<std::int64_t> Ledger::CountQueued(const std::string& folder) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare("SELECT COUNT(*) FROM files WHERE folder = ? AND state "
                                           "= 2"));
  query.Bind(folder);
  GPEN_TRY(query.Step());
  return query.Integer();
}

Result<FolderMemory> Ledger::Recall(const std::string& folder) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare("SELECT root_was_mount, output_existed, "
                                           "output_was_mount FROM folders WHERE name = ?"));
  query.Bind(folder);
  GPEN_ASSIGN_OR_RETURN(const bool found, query.Step());
  FolderMemory memory;
  if (!found) return memory;
  memory.root_was_mount = query.Integer() != 0;
  memory.output_existed = query.Integer() != 0;
  memory.output_was_mount = query.Integer() != 0;
  return memory;
}

Result<void> Ledger::Remember(const std::string& folder, const FolderMemory& memory) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto query,
                        database_->Prepare("INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?)"));
  return query.Bind(folder)
      .Bind(std::int64_t{memory.root_was_mount})
      .Bind(std::int64_t{memory.output_existed})
      .Bind(std::int64_t{memory.output_was_mount})
      .Run();
}

}  // namespace gpen::watch
