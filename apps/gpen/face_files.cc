#include "gpen/face_files.h"

#include <fmt/format.h>

#include "base/file.h"
#include "codec/encode.h"
#include "image/resample.h"
#include "restore/face_blender.h"

namespace gpen::app {
Result<void> WriteFacePng(const std::filesystem::path& path, ImageView face) {
  codec::Photo photo;
  photo.info.format = codec::Format::kPng;
  photo.pixels = ToBytes(face);
  std::vector<std::string> warnings;
  GPEN_ASSIGN_OR_RETURN(const auto bytes, codec::Encode(photo, {}, &warnings));
  return WriteFileAtomically(path, bytes);
}

Result<void> WriteFaces(const std::filesystem::path& folder, const std::string& name,
                        const std::vector<restore::FacePatch>& faces,
                        const restore::RestoreOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot create the folder {}: {}", folder.string(), error.message()));
  }
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto base = folder / fmt::format("{}.face{}", name, i + 1);
    GPEN_TRY(WriteFacePng(base.string() + ".before.png", faces[i].input.view()));
    GPEN_TRY(
        WriteFacePng(base.string() + ".after.png", restore::FinishFace(faces[i], options).view()));
  }
  return {};
}

}  // namespace gpen::app
