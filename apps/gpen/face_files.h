// Crops of faces as PNG files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "restore/face_patch.h"
#include "restore/restore_options.h"

namespace gpen::app {

/// Writes `face` (kF32 x 3, sRGB 0..1). Errors: those of codec::Encode and WriteFileAtomically.
Result<void> WriteFacePng(const std::filesystem::path& path, ImageView face);

/// --save-faces: writes `folder`/`name`.face1.before.png and .after.png, and so on. Errors: those
/// of writing files.
Result<void> WriteFaces(const std::filesystem::path& folder, const std::string& name,
                        const std::vector<restore::FacePatch>& faces,
                        const restore::RestoreOptions& options);

}  // namespace gpen::app
