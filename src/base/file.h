// Whole files: read with a limit, and replaced atomically.
//
// Output appears whole or not at all: AtomicFile writes a hidden temporary file in the target's
// folder, and Commit() fsyncs, renames and fsyncs the folder. Errors name the path and the
// system's reason. One object belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace gpen {

/// The bytes of the regular file at `path`.
///
/// Errors: kNotFound, kInvalidArgument (a directory or device), kImageTooLarge when the file has
/// more than `max_bytes`, kUnavailable when it cannot be read.
Result<std::vector<std::byte>> ReadFile(const std::filesystem::path& path, std::int64_t max_bytes);

/// The same of a file that is open already, from its start; `path` is for messages.
Result<std::vector<std::byte>> ReadOpenFile(int descriptor, const std::filesystem::path& path,
                                            std::int64_t max_bytes);

/// A file that becomes visible under its final name only when it is complete.
class AtomicFile {
 public:
  enum class IfExists : std::uint8_t { kReplace, kFail };

  /// Creates the temporary file beside `target`. Errors: kNotFound (no such folder), kUnavailable.
  static Result<AtomicFile> Create(const std::filesystem::path& target);
  /// The same in the open folder `folder`, wherever that is moved to; `target` is the new file's
  /// path for messages, and its last part the name. The temporary file's name begins with ".gpen-"
  /// and `owner`, by which it is known when a killed process leaves it behind.
  static Result<AtomicFile> CreateIn(Descriptor folder, const std::filesystem::path& target,
                                     std::string_view owner = {});

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  /// Removes the temporary file unless Commit() succeeded.
  ~AtomicFile();

  /// Appends `bytes`. Errors: kUnavailable (disk full, I/O error).
  Result<void> Write(std::span<const std::byte> bytes);

  /// Gives the temporary file the permission bits `mode` (as in stat) before Commit().
  Result<void> SetMode(unsigned mode);

  /// As Commit(), but the file that has the target's name stays, as it is and with all that it has,
  /// under the name `backup` in the same folder. kConflict where something has that name already.
  /// A file has the target's name at every moment where the file system has hard links.
  Result<void> CommitKeeping(const std::string& backup);

  /// Where the content lies until Commit(), for whoever must read it by its path before.
  std::filesystem::path temporary_path() const;

  /// The open temporary file, for fstat().
  int descriptor() const { return file_.get(); }

  /// Makes the content durable, so that Commit() is over in a moment. Errors: kUnavailable.
  Result<void> Sync();

  /// Makes the content durable and visible. With kFail an existing target is kConflict and is not
  /// touched, even where another process creates it at the same moment.
  Result<void> Commit(IfExists if_exists = IfExists::kReplace);

 private:
  AtomicFile(std::filesystem::path target, Descriptor folder, std::string temporary,
             Descriptor file);
  Result<void> CloseDurably();
  Result<void> Publish(IfExists if_exists);
  Result<void> PublishKeeping(const std::string& backup);
  Result<void> SyncFolder();

  std::filesystem::path target_;
  Descriptor folder_;
  std::string name_;       ///< The target's in the folder.
  std::string temporary_;  ///< The temporary file's in the folder; empty when it is gone.
  Descriptor file_;
};

/// AtomicFile in one call.
Result<void> WriteFileAtomically(const std::filesystem::path& target,
                                 std::span<const std::byte> bytes,
                                 AtomicFile::IfExists if_exists = AtomicFile::IfExists::kReplace);

/// The bytes of `text`, not copied.
inline std::span<const std::byte> AsBytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// `bytes` as text, not copied.
inline std::string_view AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace gpen
