// Crops of faces as PNG files.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "restore/face_patch.h"
#include "restore/restore_options.h"

namespace gpen::app {

/// Writes `face` (kF32 x 3, sRGB 0..1). Errors: those of codec::Encode and WriteFileAtomically.
Result<void> WriteFacePng(const std::filesystem::path& path, ImageView face);

/// --save-faces: the faces of the photos of a run, in one folder.
class FaceFiles {
 public:
  explicit FaceFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Writes NAME.face1.before.png and .after.png of `photo`, and so on, and makes the folder.
  /// Photos that share a name each get one of their own, as their results do. Errors: those of
  /// writing files.
  Result<void> Write(const std::filesystem::path& photo,
                     const std::vector<restore::FacePatch>& faces,
                     const restore::RestoreOptions& options);

 private:
  std::filesystem::path folder_;
  std::set<std::string> used_;  // Names of first faces.
};

}  // namespace gpen::app
