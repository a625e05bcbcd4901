#include "codec/pixel_loader.h"

#include <fmt/format.h>

#include "codec/upright.h"
#include "codec/vips_runtime.h"

namespace gpen::codec {
namespace {

Error Corrupt(const Header& header) {
  return {ErrorCode::kCorruptImage,
          fmt::format("the {} is damaged or cut short ({}); copy it again from its source",
                      NameOf(header.info.format), TakeVipsError())};
}

VipsFailOn FailOn(Tolerance tolerance) {
  switch (tolerance) {
    case Tolerance::kNothing:
      return VIPS_FAIL_ON_WARNING;
    case Tolerance::kDamage:
      return VIPS_FAIL_ON_TRUNCATED;
    case Tolerance::kMissingPart:
      return VIPS_FAIL_ON_NONE;
  }
  return VIPS_FAIL_ON_WARNING;
}

/// Rows are asked for once and from the top, so libvips need not hold the whole picture.
Result<VipsImagePointer> OpenImage(Bytes bytes, const Header& header, Tolerance tolerance) {
  void* data = const_cast<std::byte*>(bytes.data());
  VipsImage* image = nullptr;
  int status = -1;
  const auto load = [&](auto loader) {
    status = loader(data, bytes.size(), &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                    FailOn(tolerance), nullptr);
  };
  switch (header.info.format) {
    case Format::kJpeg:
      load(vips_jpegload_buffer);
      break;
    case Format::kPng:
      load(vips_pngload_buffer);
      break;
    case Format::kWebp:
      load(vips_webpload_buffer);
      break;
    case Format::kTiff:
      load(vips_tiffload_buffer);
      break;
    default:
      return Error(ErrorCode::kInternal, "HEIC and AVIF are not loaded through libvips");
  }
  if (status != 0) return Corrupt(header);
  return VipsImagePointer(image);
}

/// The embedded profile where it can be used; else libvips' own for CMYK.
Result<VipsImagePointer> ConvertToSrgb(VipsImagePointer image, const Header& header) {
  VipsImage* converted = nullptr;
  const int status =
      image->Type == VIPS_INTERPRETATION_CMYK
          ? vips_icc_transform(image.get(), &converted, "srgb", "embedded", TRUE, "input_profile",
                               "cmyk", "intent", VIPS_INTENT_RELATIVE, nullptr)
          : vips_colourspace(image.get(), &converted, VIPS_INTERPRETATION_sRGB, nullptr);
  if (status != 0) return Corrupt(header);
  return VipsImagePointer(converted);
}

/// At most one gray or three colour channels, and alpha.
Result<VipsImagePointer> KeepChannels(VipsImagePointer image, int channels, const Header& header) {
  if (image->Bands == channels) return image;
  if (image->Bands < channels) {
    return Error(ErrorCode::kCorruptImage,
                 fmt::format("damaged {}: the header promises {} channels, the picture has {}",
                             NameOf(header.info.format), channels, image->Bands));
  }
  VipsImage* fewer = nullptr;
  if (vips_extract_band(image.get(), &fewer, 0, "n", channels, nullptr) != 0) {
    return Corrupt(header);
  }
  return VipsImagePointer(fewer);
}

int PutRegion(VipsRegion* region, VipsRect* area, void* target) {
  static_cast<UprightTarget*>(target)->PutRows(
      reinterpret_cast<const std::byte*>(VIPS_REGION_ADDR(region, area->left, area->top)),
      area->top, area->height, static_cast<std::size_t>(VIPS_REGION_LSKIP(region)));
  return 0;
}

Result<void> CheckShape(const VipsImage* image, const Header& header) {
  const bool turned = header.info.orientation >= 5;
  const int width = turned ? header.info.height : header.info.width;
  const int height = turned ? header.info.width : header.info.height;
  if (image->Xsize != width || image->Ysize != height) {
    return Error(
        ErrorCode::kCorruptImage,
        fmt::format("damaged {}: the header says {} x {} pixels, the picture has {} x {}",
                    NameOf(header.info.format), width, height, image->Xsize, image->Ysize));
  }
  const VipsBandFormat expected =
      header.decoded_type == SampleType::kU16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
  if (image->BandFmt != expected) {
    return Error(ErrorCode::kUnsupportedFormat,
                 fmt::format("expected a {} with integers of up to 16 bits, but its samples are of "
                             "another kind; convert it to 8 or 16 bit first",
                             NameOf(header.info.format)));
  }
  return {};
}

}  // namespace

Result<Image> LoadPixels(Bytes bytes, const Header& header, Tolerance tolerance) {
  GPEN_TRY(StartVips());
  const VipsTurn turn;
  GPEN_ASSIGN_OR_RETURN(VipsImagePointer image, OpenImage(bytes, header, tolerance));
  if (header.needs_conversion_to_srgb) {
    GPEN_ASSIGN_OR_RETURN(image, ConvertToSrgb(std::move(image), header));
  }
  GPEN_ASSIGN_OR_RETURN(image, KeepChannels(std::move(image), header.decoded_channels, header));
  GPEN_TRY(CheckShape(image.get(), header));
  Image pixels(header.info.width, header.info.height, header.decoded_channels, header.decoded_type);
  UprightTarget target(header.info.orientation, &pixels);
  if (vips_sink_disc(image.get(), PutRegion, &target) != 0) return Corrupt(header);
  // libvips asks for warnings before it reads rows: those of the last ones are still to be told.
  const bool warned = vips_error_buffer()[0] != '\0';
  if (warned && tolerance == Tolerance::kNothing) return Corrupt(header);
  return pixels;
}

}  // namespace gpen::codec
