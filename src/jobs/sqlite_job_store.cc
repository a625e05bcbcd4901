#include "jobs/sqlite_job_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "jobs/sqlite_database.h"
#include "jobs/sqlite_job_table.h"
#include "jobs/sqlite_schema.h"

namespace gpen::jobs {
namespace {

namespace fs = std::filesystem;

// From statfs(2) and linux/magic.h.
constexpr std::array<std::pair<std::int64_t, std::string_view>, 8> kNetworkFileSystems = {{
    {0x6969, "NFS"},
    {0x517B, "SMB"},
    {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},
    {0x01021997, "9P"},
    {0x00C36400, "Ceph"},
    {0x5346414F, "AFS"},
    {0x73757245, "Coda"},
}};
constexpr std::int64_t kFuse = 0x65735546;

Result<std::int64_t> FileSystemMagic(const fs::path& folder) {
  struct statfs status = {};
  if (::statfs(folder.c_str(), &status) != 0) {
    return Error(
        errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
        fmt::format("cannot use {} for the queue's database: {}", folder.string(),
                    std::strerror(errno)));
  }
  return static_cast<std::int64_t>(static_cast<std::uint32_t>(status.f_type));
}

fs::path FolderOf(const SqliteOptions& sqlite) {
  return sqlite.file.has_parent_path() ? sqlite.file.parent_path() : ".";
}

// The magic of a file system that the file may lie on.
Result<std::int64_t> CheckFileSystem(const SqliteOptions& sqlite) {
  const fs::path folder = FolderOf(sqlite);
  GPEN_ASSIGN_OR_RETURN(std::int64_t magic, FileSystemMagic(folder));
  if (sqlite.file_system_magic) magic = sqlite.file_system_magic(folder);
  const std::string_view name = NetworkFileSystemName(magic);
  if (name.empty()) return magic;
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("the queue's database must be on a local disk, but {} is on a network "
                           "file system ({}), where a power cut or a second machine damages it; "
                           "choose a file on a local disk for it (photos may stay where they are)",
                           folder.string(), name));
}

// SQLite would create the file with the umask's rights; -wal and -shm copy those of the file. An
// existing file is not opened here: closing it would drop this process's POSIX locks on it.
Result<void> MakePrivateFile(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    ::close(descriptor);
    return {};
  }
  if (errno == EEXIST && ::chmod(file.c_str(), 0600) == 0) return {};
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot open the queue's database {}: {}; make its folder writable for "
                           "this user",
                           file.string(), std::strerror(errno)));
}

Result<void> Prepare(SqliteDatabase& database, const fs::path& file, bool alone, Timestamp now) {
  // Keeps the index of the log in this process's memory instead of a file that is mapped: such maps
  // are not to be relied on in FUSE. The price: no other process can open the database meanwhile.
  if (alone) GPEN_TRY(database.Execute("PRAGMA locking_mode = EXCLUSIVE"));
  GPEN_ASSIGN_OR_RETURN(const std::string mode, database.QueryText("PRAGMA journal_mode = WAL"));
  if (mode != "wal") {
    return Error(
        ErrorCode::kUnavailable,
        fmt::format("the queue's database {}: expected write-ahead logging, the file system "
                    "gives '{}'; choose a data folder on another disk",
                    file.string(), mode));
  }
  GPEN_TRY(database.Execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"));
  GPEN_ASSIGN_OR_RETURN(const std::string check, database.QueryText("PRAGMA integrity_check(1)"));
  if (check != "ok") {
    return Error(
        ErrorCode::kConflict,
        fmt::format("the queue's database {} is damaged ({}); move the file (and those with "
                    "-wal and -shm at its end) away and start again: finished photos stay, "
                    "the list of jobs starts empty",
                    file.string(), check));
  }
  return MigrateSchema(database, now.time_since_epoch().count());
}

}  // namespace

std::string_view NetworkFileSystemName(std::int64_t magic) {
  for (const auto& [number, name] : kNetworkFileSystems) {
    if (number == magic) return name;
  }
  return {};
}

Result<std::unique_ptr<SqliteJobStore>> SqliteJobStore::Open(const SqliteOptions& sqlite,
                                                             const JobStoreOptions& options,
                                                             const Clock& clock, JobFiles& files) {
  GPEN_ASSIGN_OR_RETURN(const auto magic, CheckFileSystem(sqlite));
  const bool is_fuse = magic == kFuse;
  GPEN_TRY(MakePrivateFile(sqlite.file));
  GPEN_ASSIGN_OR_RETURN(auto database,
                        SqliteDatabase::Open(sqlite.file, sqlite.busy_timeout.count()));
  GPEN_TRY(Prepare(*database, sqlite.file, is_fuse, clock.Now()));
  auto table = std::make_unique<SqliteJobTable>(std::move(database));
  std::unique_ptr<SqliteJobStore> store(
      new SqliteJobStore(std::move(table), options, clock, files));
  if (is_fuse) {
    store->notice_ = fmt::format(
        "the queue's database lies in {}, on a FUSE file system (a pool or user share): that "
        "works, "
        "but a file on one of the disks themselves is quicker and safer in a power cut",
        FolderOf(sqlite).string());
  }
  return store;
}

}  // namespace gpen::jobs
