// Crops of faces as PNG files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
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
  /// `may_replace`: files of an earlier run. Otherwise other names are found.
  FaceFiles(std::filesystem::path folder, bool may_replace)
      : folder_(std::move(folder)), may_replace_(may_replace) {}

  /// Writes NAME.face1.before.png and .after.png of `photo`, and so on, and makes the folder.
  /// Photos that share a name each get one of their own, as their results do; what was there before
  /// is written over only where it may be. Errors: those of writing files.
  Result<void> Write(const std::filesystem::path& photo,
                     const std::vector<restore::FacePatch>& faces,
                     const restore::RestoreOptions& options);

 private:
  std::filesystem::path NameFor(const std::string& photo, std::size_t face, std::string_view which,
                                int attempt) const;
  bool IsFree(const std::string& photo, std::size_t faces, int attempt) const;

  std::filesystem::path folder_;
  bool may_replace_;
  std::set<std::filesystem::path> used_;  // Of first faces.
};

}  // namespace gpen::app
