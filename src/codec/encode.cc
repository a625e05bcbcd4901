#include "codec/encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>

#include "base/file.h"
#include "codec/byte_writer.h"
#include "codec/carried_parts.h"
#include "codec/color_transform.h"
#include "codec/container.h"
#include "codec/exif_block.h"
#include "codec/heif.h"
#include "codec/heif_further.h"
#include "codec/icc_profile.h"
#include "codec/output_pixels.h"
#include "codec/pixel_saver.h"
#include "codec/tone_mapping.h"
#include "codec/turned_coordinates.h"
#include "codec/webp.h"
#include "codec/xmp_packet.h"

namespace gpen::codec {
namespace {

// About what is visually lossless for a photo in each format's own scale.
constexpr int kJpegQuality = 92;
constexpr int kWebpQuality = 90;
constexpr int kHeicQuality = 75;
constexpr int kAvifQuality = 80;

bool IsHeif(Format format) { return format == Format::kHeic || format == Format::kAvif; }

bool HoldsSixteenBit(Format format) {
  return format == Format::kPng || format == Format::kTiff || IsHeif(format);
}

int QualityOf(const Photo& photo, Format format, const EncodeOptions& options) {
  if (options.quality) return *options.quality;
  switch (format) {
    case Format::kJpeg:
      return photo.jpeg ? photo.jpeg->quality : kJpegQuality;
    case Format::kWebp:
      return kWebpQuality;
    case Format::kHeic:
      return kHeicQuality;
    default:
      return kAvifQuality;
  }
}

Result<void> Check(const Photo& photo, Format format, const EncodeOptions& options) {
  if (photo.pixels.empty()) return Error(ErrorCode::kInvalidArgument, "the photo has no pixels");
  if (options.quality && (*options.quality < 1 || *options.quality > 100)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected a quality of 1 to 100, got {}", *options.quality));
  }
  const int side = std::max(photo.width(), photo.height());
  if (side > MostSide(format)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("a {} holds at most {} pixels a side, the photo has {} x {}; choose "
                             "another format, as with --format png",
                             NameOf(format), MostSide(format), photo.width(), photo.height()));
  }
  return {};
}

/// Replaces the gray of `source` by that of `srgb` (R = G = B) and keeps alpha.
template <typename T>
void StoreGrayRow(const Image& srgb, const T* source, int channels, T* target) {
  constexpr float kMost = std::numeric_limits<T>::max();
  for (int x = 0; x < srgb.width(); ++x, source += channels, target += channels) {
    const float gray = std::clamp(srgb.Row<float>(0)[3 * x], 0.0F, 1.0F);
    target[0] = static_cast<T>(gray * kMost + 0.5F);
    if (channels == 2) target[1] = source[1];
  }
}

/// Gray (with alpha) in sRGB's curve, in the photo's sample type.
Result<Image> GrayToSrgb(const Photo& photo, std::vector<std::string>* warnings) {
  GPEN_ASSIGN_OR_RETURN(const ColorTransform transform, ColorTransform::Create(photo, warnings));
  Image result(photo.width(), photo.height(), photo.pixels.channels(), photo.pixels.type());
  for (int y = 0; y < photo.height(); ++y) {
    const ImageView row = photo.pixels.view().Crop({0, y, photo.width(), 1});
    GPEN_ASSIGN_OR_RETURN(const Image srgb, transform.ToSrgb(row));
    if (row.type() == SampleType::kU8) {
      StoreGrayRow(srgb, row.Row<std::uint8_t>(0), result.channels(), result.Row<std::uint8_t>(y));
    } else {
      StoreGrayRow(srgb, row.Row<std::uint16_t>(0), result.channels(),
                   result.Row<std::uint16_t>(y));
    }
  }
  return result;
}

bool IsHighDynamicRange(const Photo& photo) {
  return photo.metadata.coded && IsHighDynamicRange(*photo.metadata.coded);
}

/// HEIC and AVIF say alike what their values mean; a PNG says it in a part of its own.
bool KeepsDynamicRange(const Photo& photo, Format format) {
  if (!IsHighDynamicRange(photo)) return false;
  return format == photo.info.format || (IsHeif(format) && IsHeif(photo.info.format));
}

bool HoldsGray(Format format) { return format != Format::kWebp && !IsHeif(format); }

/// The photo's pixels, or what the format can hold of them in `converted`.
Result<ImageView> PixelsFor(const Photo& photo, Format format, Image* converted,
                            std::vector<std::string>* warnings) {
  ImageView pixels = photo.pixels.view();
  if (IsHighDynamicRange(photo) && !KeepsDynamicRange(photo, format) && pixels.channels() >= 3) {
    *converted = ToneMapped(pixels, *photo.metadata.coded);
    pixels = converted->view();
    warnings->push_back(fmt::format(
        "the photo is in high dynamic range: for a {} its brightest tones were pressed together",
        NameOf(format)));
  }
  if (pixels.channels() <= 2 && !HoldsGray(format) && !photo.metadata.icc.empty()) {
    // RGB pixels cannot carry a gray profile, so its curve goes into the pixels.
    GPEN_ASSIGN_OR_RETURN(*converted, GrayToSrgb(photo, warnings));
    pixels = converted->view();
  }
  if (format == Format::kJpeg && photo.has_alpha()) {
    *converted = OverWhite(pixels);
    pixels = converted->view();
    warnings->emplace_back("a JPEG has no transparency: the photo was put on white");
  }
  if (pixels.type() == SampleType::kU16 && !HoldsSixteenBit(format)) {
    *converted = ToEightBit(pixels);
    pixels = converted->view();
    warnings->push_back(fmt::format("a {} has 8 bits: 16-bit values were rounded", NameOf(format)));
  }
  return pixels;
}

std::vector<std::byte> Owned(std::string_view text) {
  const auto bytes = AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

/// JPEG and PNG have a place of their own for it. A TIFF must say something.
std::optional<Resolution> ResolutionInExif(const Metadata& metadata, Format format) {
  const bool is_known = metadata.horizontal_dpi > 0 && metadata.vertical_dpi > 0;
  const bool has_place = format == Format::kJpeg || format == Format::kPng;
  if (has_place || (!is_known && format != Format::kTiff)) return std::nullopt;
  return Resolution{metadata.horizontal_dpi, metadata.vertical_dpi};
}

Metadata EditedMetadata(const Photo& photo, Format format, const EncodeOptions& options,
                        CarriedParts* carried, std::vector<std::string>* warnings) {
  const std::string tool = options.model.empty()
                               ? options.software
                               : fmt::format("{}; {}", options.software, options.model);
  const Metadata& source = photo.metadata;
  const int orientation = photo.info.orientation;
  Metadata metadata;
  metadata.parts = std::move(carried->parts);
  if (format == photo.info.format) metadata.items = source.items;
  SetToneMapSize(photo.width(), photo.height(), &metadata.items);
  const double enlargement = photo.enlargement();
  metadata.horizontal_dpi = source.horizontal_dpi;
  metadata.vertical_dpi = source.vertical_dpi;
  if (SwapsSides(orientation)) std::swap(metadata.horizontal_dpi, metadata.vertical_dpi);
  metadata.exif = EditExif(source.exif, {photo.width(), photo.height(), tool, orientation,
                                         enlargement, ResolutionInExif(metadata, format)});
  std::string xmp =
      EditXmp(AsText(source.xmp), {tool, photo.width(), photo.height(), orientation, carried->xmp,
                                   enlargement, std::move(carried->sizes)});
  for (const std::string& keyword : AddTexts(carried->texts, &xmp)) {
    warnings->push_back(LeftOut(fmt::format("the text \"{}\"", keyword), format));
  }
  metadata.xmp = Owned(xmp);
  if (format == Format::kJpeg || format == Format::kTiff || format == Format::kPng) {
    metadata.iptc = source.iptc;
  } else if (!source.iptc.empty()) {
    warnings->push_back(LeftOut("the IPTC metadata", format));
  }
  if (KeepsDynamicRange(photo, format)) {
    metadata.coded = source.coded;
  } else if (!IsHighDynamicRange(photo)) {
    const bool loses_gray = photo.pixels.channels() <= 2 && !HoldsGray(format);
    if (!loses_gray) metadata.icc = source.icc;
    if (format == photo.info.format) metadata.coded = source.coded;
  }
  return metadata;
}

PixelEncoding::Chroma ChromaFor(const Photo& photo) {
  if (!photo.jpeg || photo.pixels.channels() <= 2) return PixelEncoding::Chroma::kByQuality;
  return photo.jpeg->chroma_subsampled ? PixelEncoding::Chroma::kSubsampled
                                       : PixelEncoding::Chroma::kFull;
}

Result<std::vector<std::byte>> EncodeAsHeif(const Photo& photo, Format format, ImageView pixels,
                                            const Metadata& metadata,
                                            const EncodeOptions& options) {
  HeifEncoding encoding;
  encoding.format = format;
  encoding.quality = QualityOf(photo, format, options);
  // 12 bit is the most that these formats hold; a 10-bit source goes back as 10 bit.
  if (pixels.type() == SampleType::kU16) {
    encoding.bits = photo.info.bits_per_sample == 10 ? 10 : 12;
  }
  encoding.colors = metadata.coded;
  for (const FormatPart& part : metadata.parts) {
    if (part.type == "clli") encoding.light.levels = part.bytes;
    if (part.type == "mdcv") encoding.light.screen = part.bytes;
  }
  GPEN_ASSIGN_OR_RETURN(auto file,
                        EncodeHeif(pixels, encoding, metadata.exif, metadata.xmp, metadata.icc));
  if (metadata.items.empty()) return file;
  auto with_items = WithFurtherItems(file, metadata.items);
  if (!with_items) {
    return Error(ErrorCode::kInternal,
                 fmt::format("the further pictures of the {} could not be put into the result",
                             NameOf(format)));
  }
  return *std::move(with_items);
}

/// The file of `pixels` with its metadata, but for what is appended.
Result<std::vector<std::byte>> EncodeFile(const Photo& photo, Format format, ImageView pixels,
                                          const Metadata& metadata, const EncodeOptions& options,
                                          std::vector<std::string>* warnings) {
  if (IsHeif(format)) return EncodeAsHeif(photo, format, pixels, metadata, options);
  if (format == Format::kWebp) {
    // A lossless source stays lossless, unless a quality asks for loss.
    GPEN_ASSIGN_OR_RETURN(
        const std::vector<std::byte> file,
        EncodeWebp(pixels, {.quality = QualityOf(photo, format, options),
                            .lossless = photo.info.lossless && !options.quality}));
    return WebpWithMetadata(file, metadata);
  }
  GPEN_ASSIGN_OR_RETURN(const std::vector<std::byte> file,
                        SavePixels(pixels, {.format = format,
                                            .quality = QualityOf(photo, format, options),
                                            .chroma = ChromaFor(photo)}));
  switch (format) {
    case Format::kJpeg:
      return JpegWithMetadata(file, metadata, warnings);
    case Format::kPng:
      return PngWithMetadata(file, metadata);
    default:
      return TiffWithMetadata(file, metadata);
  }
}

Result<std::vector<std::byte>> EncodePhoto(const Photo& photo, Format format,
                                           const EncodeOptions& options,
                                           std::vector<std::string>* warnings) {
  warnings->insert(warnings->end(), photo.losses.begin(), photo.losses.end());
  Image converted;
  GPEN_ASSIGN_OR_RETURN(const ImageView pixels, PixelsFor(photo, format, &converted, warnings));
  CarriedParts carried = CarriedPartsOf(photo, format, warnings);
  const Metadata metadata = EditedMetadata(photo, format, options, &carried, warnings);
  GPEN_ASSIGN_OR_RETURN(std::vector<std::byte> file,
                        EncodeFile(photo, format, pixels, metadata, options, warnings));
  for (const Bytes piece : carried.appended) Append(piece, &file);
  return file;
}

}  // namespace

int MostSide(Format format) {
  switch (format) {
    case Format::kJpeg:
      return 65500;  // What libjpeg writes.
    case Format::kWebp:
      return 16383;
    case Format::kAvif:
      return 65536;
    default:
      return 1 << 30;
  }
}

Result<std::vector<std::byte>> Encode(const Photo& photo, const EncodeOptions& options,
                                      std::vector<std::string>* warnings) {
  const Format format = options.format.value_or(photo.info.format);
  GPEN_TRY(Check(photo, format, options));
  std::vector<std::string> ignored;
  try {
    return EncodePhoto(photo, format, options, warnings == nullptr ? &ignored : warnings);
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kOutOfMemory,
                 fmt::format("not enough memory to encode a photo of {} x {} pixels", photo.width(),
                             photo.height()));
  }
}

}  // namespace gpen::codec
