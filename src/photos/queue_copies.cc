#include "photos/queue_copies.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "base/folder.h"
#include "photos/stored_file.h"

namespace gpen::photos {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopiesKept = 3;
constexpr std::int64_t kMostBytes = std::int64_t{4} << 30;

Error CannotWrite(const fs::path& path, const std::error_code& error) {
  return {ErrorCode::kUnavailable,
          fmt::format("cannot write {}: {}", path.string(), error.message())};
}

std::string Text(const char* form, Timestamp time) {
  std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  return fmt::format(fmt::runtime(form), parts);
}

bool IsCopy(const fs::path& path) {
  const auto name = path.filename().string();
  return name.size() == std::size("gpen-2026-11-26.db") - 1 && name.starts_with("gpen-") &&
         name.ends_with(".db");
}

}  // namespace

std::vector<fs::path> QueueCopies(const DataFolder& folder) {
  std::vector<fs::path> copies;
  for (const auto& entry : EntriesOf(folder.backups())) {
    if (IsCopy(entry.path())) copies.push_back(entry.path());
  }
  std::ranges::sort(copies, std::ranges::greater());
  return copies;
}

Result<void> CopyQueueOnceADay(jobs::JobStore* store, const DataFolder& folder, Timestamp now) {
  const fs::path copy = folder.backups() / Text("gpen-{:%Y-%m-%d}.db", now);
  std::error_code error;
  if (fs::exists(copy, error)) return {};
  const fs::path unfinished = folder.backups() / ".unfinished";
  fs::remove(unfinished, error);
  if (error) return CannotWrite(unfinished, error);
  GPEN_TRY(store->CopyTo(unfinished));
  fs::permissions(unfinished, fs::perms::owner_read | fs::perms::owner_write, error);
  if (!error) fs::rename(unfinished, copy, error);
  if (error) return CannotWrite(copy, error);
  auto copies = QueueCopies(folder);
  for (std::size_t i = kCopiesKept; i < copies.size(); ++i) fs::remove(copies[i], error);
  return {};
}

Result<fs::path> RestoreQueueCopy(const fs::path& copy, const fs::path& database,
                                  const DataFolder& folder, Timestamp now) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadFile(copy, kMostBytes));
  const fs::path replaced = folder.backups() / Text("replaced-{:%Y-%m-%dT%H%M%S}", now);
  std::error_code error;
  fs::create_directory(replaced, error);
  if (error) return CannotWrite(replaced, error);
  // The log first: without its database it is nothing, the database without it only older.
  for (const auto* suffix : {"-shm", "-wal", ""}) {
    const fs::path file = database.string() + suffix;
    if (!fs::exists(file, error)) continue;
    // The database may lie on another disk.
    fs::copy_file(file, replaced / file.filename(), error);
    if (!error) fs::remove(file, error);
    if (error) return CannotWrite(replaced / file.filename(), error);
  }
  GPEN_TRY(WritePrivately(database, bytes));
  return replaced;
}

}  // namespace gpen::photos
