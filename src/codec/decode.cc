#include "codec/decode.h"

#include <fmt/format.h>

#include <new>

#include "codec/exif_block.h"
#include "codec/header.h"
#include "codec/heif.h"
#include "codec/pixel_loader.h"
#include "codec/sniff.h"

namespace gpen::codec {
namespace {

double Mega(std::int64_t count) { return static_cast<double>(count) / 1e6; }

Result<void> CheckLimits(const PhotoInfo& info, const Limits& limits) {
  const auto pixels = std::int64_t{info.width} * info.height;
  if (pixels > limits.max_pixels) {
    return Error(
        ErrorCode::kImageTooLarge,
        fmt::format("the photo has {} x {} = {:.1f} megapixels, the limit is {:.1f}; raise "
                    "the limit or shrink the photo",
                    info.width, info.height, Mega(pixels), Mega(limits.max_pixels)));
  }
  if (limits.max_memory_bytes > 0 && info.decode_memory_bytes > limits.max_memory_bytes) {
    return Error(ErrorCode::kImageTooLarge,
                 fmt::format("decoding the photo ({} x {} pixels) takes about {:.0f} MB of memory, "
                             "the limit is {:.0f} MB; raise the limit or shrink the photo",
                             info.width, info.height, Mega(info.decode_memory_bytes),
                             Mega(limits.max_memory_bytes)));
  }
  return {};
}

Result<Header> ReadCheckedHeader(Bytes bytes, const Limits& limits) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size > limits.max_file_bytes) {
    return Error(ErrorCode::kImageTooLarge,
                 fmt::format("the file has {:.1f} MB, the limit is {:.1f} MB; raise the limit or "
                             "shrink the photo",
                             Mega(size), Mega(limits.max_file_bytes)));
  }
  GPEN_ASSIGN_OR_RETURN(const Format format, SniffFormat(bytes));
  GPEN_ASSIGN_OR_RETURN(Header header, ReadHeader(bytes, format));
  GPEN_TRY(CheckLimits(header.info, limits));
  return header;
}

Result<Photo> DecodeChecked(Bytes bytes, Header header) {
  Photo photo;
  photo.info = header.info;
  photo.jpeg = header.jpeg;
  photo.warnings = std::move(header.warnings);
  if (header.info.format == Format::kHeic || header.info.format == Format::kAvif) {
    photo.pixels =
        Image(photo.info.width, photo.info.height, header.decoded_channels, header.decoded_type);
    GPEN_TRY(DecodeHeif(bytes, header, &photo.pixels));
  } else {
    GPEN_ASSIGN_OR_RETURN(photo.pixels, LoadPixels(bytes, header));
  }
  photo.metadata = std::move(header.metadata);
  if (header.needs_conversion_to_srgb) {
    photo.metadata.icc.clear();
    photo.warnings.emplace_back("the photo was in CMYK or Lab: it was converted to sRGB");
  }
  if (!photo.metadata.exif.empty() && !IsReadableExif(photo.metadata.exif)) {
    photo.warnings.emplace_back("the EXIF metadata is damaged and cannot be kept");
    photo.metadata.exif.clear();
  }
  return photo;
}

Error OutOfMemory(const PhotoInfo& info) {
  return {ErrorCode::kOutOfMemory,
          fmt::format("not enough memory for a photo of {} x {} pixels (about {:.0f} MB)",
                      info.width, info.height, Mega(info.decode_memory_bytes))};
}

}  // namespace

Result<PhotoInfo> Probe(std::span<const std::byte> bytes, const Limits& limits) {
  GPEN_ASSIGN_OR_RETURN(const Header header, ReadCheckedHeader(bytes, limits));
  return header.info;
}

Result<Photo> Decode(std::span<const std::byte> bytes, const Limits& limits) {
  GPEN_ASSIGN_OR_RETURN(Header header, ReadCheckedHeader(bytes, limits));
  const PhotoInfo info = header.info;
  try {
    return DecodeChecked(bytes, std::move(header));
  } catch (const std::bad_alloc&) {
    return OutOfMemory(info);
  }
}

}  // namespace gpen::codec
