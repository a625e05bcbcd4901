#include "codec/turned_pictures.h"

#include <algorithm>
#include <string>
#include <utility>

#include "codec/byte_writer.h"
#include "codec/container.h"
#include "codec/exif_block.h"
#include "codec/header.h"
#include "codec/pixel_loader.h"
#include "codec/pixel_saver.h"

namespace gpen::codec {
namespace {

// They are small, and their values count more than the photo's: those of a gain map are multiplied.
constexpr int kLeastQuality = 95;

Result<std::vector<std::byte>> TurnPicture(Bytes picture, int orientation,
                                           std::int64_t max_pixels) {
  GPEN_ASSIGN_OR_RETURN(Header header, ReadHeader(picture, Format::kJpeg));
  // Most say nothing of their own: they lie as the photo does.
  const bool is_swapped = header.info.orientation >= 5;
  const int stored_width = is_swapped ? header.info.height : header.info.width;
  const int stored_height = is_swapped ? header.info.width : header.info.height;
  const int turn = header.info.orientation > 1 ? header.info.orientation : orientation;
  SetUprightSize(stored_width, stored_height, turn, &header.info);
  if (std::int64_t{stored_width} * stored_height > max_pixels || header.needs_conversion_to_srgb) {
    return Error(ErrorCode::kCorruptImage, "a further picture is of an unexpected kind");
  }
  GPEN_ASSIGN_OR_RETURN(const Image pixels, LoadPixels(picture, header, Tolerance::kDamage));
  const auto chroma = header.jpeg->chroma_subsampled ? PixelEncoding::Chroma::kSubsampled
                                                     : PixelEncoding::Chroma::kFull;
  GPEN_ASSIGN_OR_RETURN(
      const std::vector<std::byte> file,
      SavePixels(pixels.view(), {.format = Format::kJpeg,
                                 .quality = std::max(header.jpeg->quality, kLeastQuality),
                                 .chroma = chroma}));
  Metadata& metadata = header.metadata;
  if (!metadata.exif.empty()) {
    metadata.exif = WithOrientationOne(std::move(metadata.exif));
  }
  metadata.appended.clear();
  std::erase_if(metadata.parts, [](const FormatPart& part) { return part.type == "MPF"; });
  std::vector<std::string> ignored;  // Nothing grew.
  return JpegWithMetadata(file, metadata, &ignored);
}

}  // namespace

Result<TurnedPictures> TurnPictures(const AppendedParts& appended, int orientation,
                                    std::int64_t max_pixels) {
  TurnedPictures turned;
  std::uint64_t end = 0;
  for (const auto& [offset, size] : appended.list) {
    turned.bytes.resize(turned.bytes.size() + offset - end);  // The zeros between them.
    end = offset + size;
    GPEN_ASSIGN_OR_RETURN(
        const std::vector<std::byte> picture,
        TurnPicture(appended.pictures.subspan(offset, size), orientation, max_pixels));
    turned.list.push_back({turned.bytes.size(), picture.size()});
    Append(picture, &turned.bytes);
  }
  return turned;
}

}  // namespace gpen::codec
