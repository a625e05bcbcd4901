#include "service/stored_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "image/resample.h"

namespace gpen::service {
namespace {

constexpr int kThumbnailSide = 512;
constexpr int kThumbnailQuality = 85;

}  // namespace

Result<void> WritePrivately(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  GPEN_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(path));
  GPEN_TRY(file.SetMode(0600));
  GPEN_TRY(file.Write(bytes));
  return file.Commit();
}

Result<void> RemoveStored(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (!error) return {};
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot delete {}: {}", path.string(), error.message()));
}

Result<std::vector<std::byte>> EncodeForBrowsers(codec::Photo photo, int quality) {
  photo.metadata.exif.clear();
  photo.metadata.xmp.clear();
  photo.metadata.iptc.clear();
  codec::EncodeOptions options;
  options.format = codec::Format::kJpeg;
  options.quality = quality;
  std::vector<std::string> ignored;  // Conversions to JPEG; the result itself keeps its kind.
  return codec::Encode(photo, options, &ignored);
}

Result<void> WriteThumbnail(std::span<const std::byte> file, const codec::Limits& limits,
                            const std::filesystem::path& path) {
  GPEN_ASSIGN_OR_RETURN(auto photo, codec::Decode(file, limits));
  const double scale =
      std::min(1.0, 1.0 * kThumbnailSide / std::max(photo.width(), photo.height()));
  const auto shrink = [scale](int side) {
    return std::max(1, static_cast<int>(side * scale + 0.5));
  };
  photo.pixels = Resize(photo.pixels.view(), shrink(photo.width()), shrink(photo.height()));
  photo.info.width = photo.pixels.width();
  photo.info.height = photo.pixels.height();
  GPEN_ASSIGN_OR_RETURN(const auto bytes, EncodeForBrowsers(std::move(photo), kThumbnailQuality));
  return WritePrivately(path, bytes);
}

}  // namespace gpen::service
