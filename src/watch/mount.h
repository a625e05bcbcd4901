// Mounts: told from plain folders, because an empty mount point looks like deleted photos.
#pragma once

namespace gpen::watch {

/// True where the open folder is the root of a mounted file system (or of a bind mount, on kernels
/// that tell).
bool IsMountRoot(int folder);

/// True where the open folder has no entries.
bool IsEmptyFolder(int folder);

}  // namespace gpen::watch
