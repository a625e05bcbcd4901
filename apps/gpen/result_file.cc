#include "gpen/result_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>

#include "base/descriptor.h"
#include "base/file.h"
#include "base/file_attributes.h"

namespace gpen::app {
namespace {

Result<void> MakeFolderOf(const std::filesystem::path& output) {
  std::error_code error;
  if (output.has_parent_path()) std::filesystem::create_directories(output.parent_path(), error);
  if (!error) return {};
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot create the folder {}: {}", output.parent_path().string(),
                           error.message()));
}

}  // namespace

Result<void> PutResult(const PhotoTask& task, std::span<const std::byte> bytes,
                       const ResultFileOptions& options) {
  const bool in_place = !task.backup.empty();
  if (task.makes_folder) GPEN_TRY(MakeFolderOf(task.output));
  GPEN_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(task.output));
  GPEN_TRY(file.Write(bytes));
  const Descriptor photo(::open(task.input.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (photo.is_open()) {
    CopyOwnerAndMode(photo.get(), file.descriptor());
    if (in_place) CopyAttributes(photo.get(), file.descriptor());
    if (options.keep_date) CopyModificationTime(photo.get(), file.descriptor());
  }
  if (in_place) return file.CommitKeeping(task.backup.filename().native());
  return file.Commit(options.may_replace ? AtomicFile::IfExists::kReplace
                                         : AtomicFile::IfExists::kFail);
}

}  // namespace gpen::app
