#include "gpen/face_files.h"

#include <fmt/format.h>

#include "base/file.h"
#include "codec/encode.h"
#include "image/resample.h"
#include "restore/face_blender.h"
#include "watch/output_tree.h"

namespace gpen::app {
Result<void> WriteFacePng(const std::filesystem::path& path, ImageView face) {
  codec::Photo photo;
  photo.info.format = codec::Format::kPng;
  photo.pixels = ToBytes(face);
  std::vector<std::string> warnings;
  GPEN_ASSIGN_OR_RETURN(const auto bytes, codec::Encode(photo, {}, &warnings));
  return WriteFileAtomically(path, bytes);
}

Result<void> FaceFiles::Write(const std::filesystem::path& photo,
                              const std::vector<restore::FacePatch>& faces,
                              const restore::RestoreOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot create the folder {}: {}", folder_.string(), error.message()));
  }
  const std::string photo_name = photo.filename().string();
  int attempt = 0;
  const std::string first = ".face1.before.png";
  while (!used_.insert(watch::ResultNameFor(photo_name, first, attempt)).second) ++attempt;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto path = [&](std::string_view which) {
      return folder_ /
             watch::ResultNameFor(photo_name, fmt::format(".face{}.{}.png", i + 1, which), attempt);
    };
    GPEN_TRY(WriteFacePng(path("before"), faces[i].input.view()));
    GPEN_TRY(WriteFacePng(path("after"), restore::FinishFace(faces[i], options).view()));
  }
  return {};
}

}  // namespace gpen::app
