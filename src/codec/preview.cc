#include "codec/preview.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "codec/encode.h"
#include "image/resample.h"

namespace gpen::codec {
namespace {

constexpr int kPreviewSide = 512;
constexpr int kPreviewQuality = 85;

}  // namespace

Result<std::vector<std::byte>> EncodeForBrowsers(Photo photo, int quality) {
  // Only what says how the pixels look.
  Metadata shown;
  shown.icc = std::move(photo.metadata.icc);
  shown.coded = photo.metadata.coded;
  photo.metadata = std::move(shown);
  EncodeOptions options;
  options.format = Format::kJpeg;
  options.quality = quality;
  std::vector<std::string> ignored;  // Conversions to JPEG; the photo itself keeps its kind.
  return Encode(photo, options, &ignored);
}

Result<std::vector<std::byte>> EncodePreview(const Photo& photo) try {
  const double scale = std::min(1.0, 1.0 * kPreviewSide / std::max(photo.width(), photo.height()));
  const auto shrink = [scale](int side) {
    return std::max(1, static_cast<int>(side * scale + 0.5));
  };
  Photo preview;
  preview.info = photo.info;
  preview.jpeg = photo.jpeg;
  preview.metadata.icc = photo.metadata.icc;
  preview.metadata.coded = photo.metadata.coded;
  preview.pixels = Resize(photo.pixels.view(), shrink(photo.width()), shrink(photo.height()));
  preview.info.width = preview.width();
  preview.info.height = preview.height();
  return EncodeForBrowsers(std::move(preview), kPreviewQuality);
} catch (const std::bad_alloc&) {
  return Error(ErrorCode::kOutOfMemory, "not enough memory for the preview of the photo");
}

}  // namespace gpen::codec
