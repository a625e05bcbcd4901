// What lies in a folder, read without exceptions: std::filesystem's own loop over a folder throws
// where reading goes wrong after it has begun.
#pragma once

#include <filesystem>
#include <system_error>
#include <vector>

namespace gpen {

/// The entries of `folder`, not of the folders in it, in no order. Where it cannot be read, what
/// came until then; `error` says why.
std::vector<std::filesystem::directory_entry> EntriesOf(const std::filesystem::path& folder,
                                                        std::error_code& error);

/// The same for callers to whom a folder that cannot be read has no entries.
std::vector<std::filesystem::directory_entry> EntriesOf(const std::filesystem::path& folder);

}  // namespace gpen
