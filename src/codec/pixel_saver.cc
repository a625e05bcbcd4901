#include "codec/pixel_saver.h"

#include <fmt/format.h>

#include "codec/byte_reader.h"
#include "codec/vips_runtime.h"

namespace gpen::codec {
namespace {

VipsInterpretation InterpretationOf(ImageView pixels) {
  const bool gray = pixels.channels() <= 2;
  if (pixels.type() == SampleType::kU16) {
    return gray ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
  }
  return gray ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
}

/// Wraps the pixels without a copy; they must outlive the result.
VipsImagePointer Wrap(ImageView pixels) {
  const VipsBandFormat format =
      pixels.type() == SampleType::kU16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
  VipsImage* image = vips_image_new_from_memory(
      pixels.data(), pixels.stride_bytes() * static_cast<std::size_t>(pixels.height()),
      pixels.width(), pixels.height(), pixels.channels(), format);
  if (image == nullptr) return nullptr;
  image->Type = InterpretationOf(pixels);
  return VipsImagePointer(image);
}

VipsForeignSubsample SubsamplingOf(const PixelEncoding& encoding) {
  switch (encoding.chroma) {
    case PixelEncoding::Chroma::kSubsampled:
      return VIPS_FOREIGN_SUBSAMPLE_ON;
    case PixelEncoding::Chroma::kFull:
      return VIPS_FOREIGN_SUBSAMPLE_OFF;
    default:
      return VIPS_FOREIGN_SUBSAMPLE_AUTO;
  }
}

int Save(VipsImage* image, const PixelEncoding& encoding, void** buffer, std::size_t* size) {
  switch (encoding.format) {
    case Format::kJpeg:
      return vips_jpegsave_buffer(image, buffer, size, "Q", encoding.quality, "optimize_coding",
                                  TRUE, "subsample_mode", SubsamplingOf(encoding), "strip", TRUE,
                                  nullptr);
    case Format::kPng:
      return vips_pngsave_buffer(image, buffer, size, "compression", 6, "strip", TRUE, nullptr);
    case Format::kTiff:
      // The predictor makes photographs about a third smaller.
      return vips_tiffsave_buffer(image, buffer, size, "compression",
                                  VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, "predictor",
                                  VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "strip", TRUE, nullptr);
    default:
      vips_error("gpen", "this format is not saved through libvips");
      return -1;
  }
}

}  // namespace

Result<std::vector<std::byte>> SavePixels(ImageView pixels, const PixelEncoding& encoding) {
  GPEN_TRY(StartVips());
  const VipsTurn turn;
  const VipsImagePointer image = Wrap(pixels);
  void* buffer = nullptr;
  std::size_t size = 0;
  if (image == nullptr || Save(image.get(), encoding, &buffer, &size) != 0) {
    return Error(ErrorCode::kInternal, fmt::format("the {} could not be encoded: {}",
                                                   NameOf(encoding.format), TakeVipsError()));
  }
  const std::unique_ptr<void, decltype(&g_free)> owner(buffer, g_free);
  const auto* bytes = static_cast<const std::byte*>(buffer);
  return std::vector<std::byte>(bytes, bytes + size);
}

}  // namespace gpen::codec
