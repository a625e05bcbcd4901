#include "photos/stored_file.h"

#include <fmt/format.h>

#include "base/file.h"

namespace gpen::photos {

Result<void> WritePrivately(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  GPEN_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(path));
  GPEN_TRY(file.SetMode(0600));
  GPEN_TRY(file.Write(bytes));
  return file.Commit();
}

Result<void> RemoveStored(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (!error) return {};
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot delete {}: {}", path.string(), error.message()));
}

}  // namespace gpen::photos
