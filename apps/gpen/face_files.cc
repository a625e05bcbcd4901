#include "gpen/face_files.h"

#include <fmt/format.h>

#include "base/file.h"
#include "codec/encode.h"
#include "image/resample.h"
#include "restore/face_blender.h"
#include "watch/output_tree.h"

namespace gpen::app {
namespace {

constexpr const char* kPictures[] = {"before", "after"};

}  // namespace

Result<void> WriteFacePng(const std::filesystem::path& path, ImageView face) {
  codec::Photo photo;
  photo.info.format = codec::Format::kPng;
  photo.pixels = ToBytes(face);
  std::vector<std::string> warnings;
  GPEN_ASSIGN_OR_RETURN(const auto bytes, codec::Encode(photo, {}, &warnings));
  return WriteFileAtomically(path, bytes);
}

std::filesystem::path FaceFiles::NameFor(const std::string& photo, std::size_t face,
                                         std::string_view which, int attempt) const {
  return folder_ /
         watch::ResultNameFor(photo, fmt::format(".face{}.{}.png", face + 1, which), attempt);
}

bool FaceFiles::IsFree(const std::string& photo, std::size_t faces, int attempt) const {
  for (std::size_t i = 0; i < faces; ++i) {
    for (const char* which : kPictures) {
      std::error_code error;
      if (std::filesystem::exists(NameFor(photo, i, which, attempt), error)) return false;
    }
  }
  return true;
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
  const std::string name = photo.filename().string();
  int attempt = 0;
  while (!used_.insert(NameFor(name, 0, kPictures[0], attempt)).second ||
         (!may_replace_ && !IsFree(name, faces.size(), attempt))) {
    ++attempt;
  }
  for (std::size_t i = 0; i < faces.size(); ++i) {
    GPEN_TRY(WriteFacePng(NameFor(name, i, kPictures[0], attempt), faces[i].input.view()));
    GPEN_TRY(WriteFacePng(NameFor(name, i, kPictures[1], attempt),
                          restore::FinishFace(faces[i], options).view()));
  }
  return {};
}

}  // namespace gpen::app
