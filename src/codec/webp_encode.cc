#include <fmt/format.h>
#include <webp/encode.h>

#include <memory>

#include "codec/webp.h"

namespace gpen::codec {
namespace {

// Speed against size: 0 to 6 where more is slower. libwebp's own default.
constexpr int kMethod = 4;

struct FreePicture {
  void operator()(WebPPicture* picture) const { WebPPictureFree(picture); }
};
struct ClearWriter {
  void operator()(WebPMemoryWriter* writer) const { WebPMemoryWriterClear(writer); }
};

std::uint32_t Argb(const std::uint8_t* pixel, int channels) {
  const bool gray = channels <= 2;
  const std::uint32_t alpha = channels % 2 == 0 ? pixel[channels - 1] : 255U;
  return alpha << 24 | static_cast<std::uint32_t>(pixel[0]) << 16 |
         static_cast<std::uint32_t>(pixel[gray ? 0 : 1]) << 8 |
         static_cast<std::uint32_t>(pixel[gray ? 0 : 2]);
}

Error Failed(std::string_view step, int code) {
  const bool memory =
      code == VP8_ENC_ERROR_OUT_OF_MEMORY || code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY;
  return {memory ? ErrorCode::kOutOfMemory : ErrorCode::kInternal,
          fmt::format("the webp could not be encoded: {} failed (libwebp's error {})", step, code)};
}

}  // namespace

Result<std::vector<std::byte>> EncodeWebp(ImageView pixels, const WebpEncoding& encoding) {
  WebPConfig config;
  WebPPicture picture;
  if (WebPConfigInit(&config) == 0 || WebPPictureInit(&picture) == 0) return Failed("start", 0);
  config.method = kMethod;
  config.lossless = encoding.lossless ? 1 : 0;
  config.exact = config.lossless;
  config.quality = encoding.lossless ? 50.0F : static_cast<float>(encoding.quality);
  const std::unique_ptr<WebPPicture, FreePicture> picture_owner(&picture);
  picture.use_argb = 1;
  picture.width = pixels.width();
  picture.height = pixels.height();
  if (WebPPictureAlloc(&picture) == 0) return Failed("allocation", picture.error_code);
  for (int y = 0; y < pixels.height(); ++y) {
    const auto* row = pixels.Row<std::uint8_t>(y);
    std::uint32_t* target = picture.argb + static_cast<std::ptrdiff_t>(y) * picture.argb_stride;
    for (int x = 0; x < pixels.width(); ++x)
      target[x] = Argb(row + x * pixels.channels(), pixels.channels());
  }
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  const std::unique_ptr<WebPMemoryWriter, ClearWriter> writer_owner(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  if (WebPEncode(&config, &picture) == 0) return Failed("encoding", picture.error_code);
  const auto* bytes = reinterpret_cast<const std::byte*>(writer.mem);
  return std::vector<std::byte>(bytes, bytes + writer.size);
}

}  // namespace gpen::codec
