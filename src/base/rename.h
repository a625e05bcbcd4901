// Renaming a file without replacing another one, also where somebody makes that one at the same
// moment: no look beforehand, because what it saw may be over.
#pragma once

#include <string>

namespace gpen {

/// Renames `from` in the open folder `from_folder` to `to` in `to_folder`, on the same file system.
/// Where there is something named `to`, a link without target too, nothing changes.
///
/// Linux and most file systems do it in one step. Where they cannot, the file is first given its
/// second name by a hard link; where there are no hard links either (exFAT, some shares), an empty
/// file reserves the name, and a crash in between leaves that.
///
/// Returns 0, or the error number of the system: EEXIST where the name is taken.
int RenameWithoutReplacing(int from_folder, const std::string& from, int to_folder,
                           const std::string& to);

}  // namespace gpen
