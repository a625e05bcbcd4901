// Opening what lies beneath a folder, without ever following a symbolic link out of it, also while
// somebody changes the tree.
//
// Each part of a relative path is opened in the folder before it. Links inside the tree are not
// followed either: what they point to is met under its own name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"
#include "watch/file_identity.h"

namespace gpen::watch {

/// A folder by its path; links in it are followed, because a person wrote it down. Errors:
/// kNotFound (not there), kUnavailable.
Result<Descriptor> OpenRoot(const std::filesystem::path& path);

/// The folder `relative` ("" is the root itself) beneath `root`. Errors: kNotFound (not there, or a
/// link), kUnavailable.
Result<Descriptor> OpenFolderBeneath(int root, const std::filesystem::path& relative);

/// The regular file `relative`, for reading. Errors: kNotFound (not there, a link or no file),
/// kInvalidArgument (this user may not read it), kUnavailable.
Result<Descriptor> OpenFileBeneath(int root, const std::filesystem::path& relative);

/// What lstat() says; nothing where there is no regular file. Errors: kUnavailable.
Result<std::optional<FileIdentity>> LookBeneath(int root, const std::filesystem::path& relative);

/// Errors: kUnavailable.
Result<struct stat> StatusOf(int descriptor, const std::filesystem::path& path);

/// True where the system knows that somebody has the open file `descriptor` open for writing. It
/// can tell only of local files that are this process's own, or to a privileged process.
bool IsBeingWritten(int descriptor);

/// SHA-256 of the open file, from its start. Errors: kUnavailable.
Result<std::string> Sha256OfOpenFile(int descriptor, const std::filesystem::path& path);

/// The path as text for people: what is not printable UTF-8 becomes "?".
std::string PrintablePath(std::string_view path);

}  // namespace gpen::watch
