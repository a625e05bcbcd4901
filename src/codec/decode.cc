#include "codec/decode.h"

#include <fmt/format.h>

#include <new>

#include "codec/byte_writer.h"
#include "codec/exif_block.h"
#include "codec/header.h"
#include "codec/heif.h"
#include "codec/jpeg_damage.h"
#include "codec/pixel_loader.h"
#include "codec/png_mend.h"
#include "codec/sniff.h"
#include "codec/whole_file.h"

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

Error CutShort(const MissingPart& missing, Format format) {
  return {ErrorCode::kCorruptImage,
          fmt::format("the {} is cut short: {}; copy it again from its source", NameOf(format),
                      missing.what)};
}

std::string TakenAsItIs(const MissingPart& missing) {
  return fmt::format("the file is not whole ({}): copy it again if you can", missing.what);
}

constexpr std::string_view kDamagedInside =
    "the file is damaged inside: a part of the picture may be gray or in wrong colours; copy it "
    "again if you can";

/// An end mark says nothing about the blocks before it: whether they are there is seen in decoding.
Result<Image> LoadJpeg(Bytes bytes, const Header& header, const std::optional<MissingPart>& missing,
                       IfDamaged if_damaged, std::vector<std::string>* warnings) {
  std::vector<std::byte> ended;
  if (missing) {
    ended.reserve(bytes.size() + 2);
    Append(bytes, &ended);
    Append("\xFF\xD9", &ended);
    bytes = ended;
  }
  auto pixels = LoadPixels(bytes, header, Tolerance::kNothing);
  if (pixels) {
    if (missing) warnings->push_back(TakenAsItIs(*missing));
    // Of several scans libvips has heard already what libjpeg says.
    if (!header.jpeg->progressive && IsDamagedInside(bytes)) {
      warnings->emplace_back(kDamagedInside);
    }
    return pixels;
  }
  const Error first = pixels.error();
  if (first.code() != ErrorCode::kCorruptImage) return first;
  if (missing && if_damaged == IfDamaged::kRefuse) {
    return CutShort({missing->what + " and the last part of the picture with it", true},
                    Format::kJpeg);
  }
  pixels = LoadPixels(bytes, header, Tolerance::kMissingPart);
  if (!pixels) return first;
  if (IsDamagedInside(bytes)) warnings->emplace_back(kDamagedInside);
  return pixels;
}

Result<Image> LoadAny(Bytes bytes, const Header& header, IfDamaged if_damaged,
                      std::vector<std::string>* warnings) {
  const Format format = header.info.format;
  MemorySource source(bytes);
  const auto missing = FindMissingPart(&source, format);
  if (missing && missing->has_pixels && if_damaged == IfDamaged::kRefuse) {
    return CutShort(*missing, format);
  }
  if (format == Format::kJpeg) return LoadJpeg(bytes, header, missing, if_damaged, warnings);
  Result<Image> pixels = Image();
  if (format == Format::kHeic || format == Format::kAvif) {
    *pixels =
        Image(header.info.width, header.info.height, header.decoded_channels, header.decoded_type);
    GPEN_TRY(DecodeHeif(bytes, header, if_damaged, &*pixels));
  } else {
    pixels =
        LoadPixels(bytes, header,
                   if_damaged == IfDamaged::kRefuse ? Tolerance::kDamage : Tolerance::kMissingPart);
  }
  if (pixels && missing) warnings->push_back(TakenAsItIs(*missing));
  return pixels;
}

Result<Photo> DecodeChecked(Bytes bytes, Header header, IfDamaged if_damaged) {
  Photo photo;
  photo.info = header.info;
  photo.jpeg = header.jpeg;
  photo.warnings = std::move(header.warnings);
  photo.losses = std::move(header.losses);
  GPEN_ASSIGN_OR_RETURN(photo.pixels, LoadAny(bytes, header, if_damaged, &photo.warnings));
  photo.metadata = std::move(header.metadata);
  if (header.needs_conversion_to_srgb) {
    photo.metadata.icc.clear();
    photo.losses.emplace_back("the photo was in CMYK or Lab: it was converted to sRGB");
  }
  if (!photo.metadata.exif.empty() && !IsReadableExif(photo.metadata.exif)) {
    photo.losses.emplace_back("the EXIF metadata is damaged and cannot be kept");
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

Result<Photo> Decode(std::span<const std::byte> bytes, const Limits& limits, IfDamaged if_damaged) {
  std::vector<std::byte> mended;
  if (if_damaged == IfDamaged::kTake && HasTextAt(bytes, 1, "PNG")) {
    mended = WithWholeChunks(bytes);
    if (!mended.empty()) bytes = mended;
  }
  GPEN_ASSIGN_OR_RETURN(Header header, ReadCheckedHeader(bytes, limits));
  if (!mended.empty()) header.warnings.push_back(TakenAsItIs({"a part of it is missing", true}));
  const PhotoInfo info = header.info;
  try {
    return DecodeChecked(bytes, std::move(header), if_damaged);
  } catch (const std::bad_alloc&) {
    return OutOfMemory(info);
  }
}

}  // namespace gpen::codec
