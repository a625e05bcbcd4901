#include "codec/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gpen::codec {
namespace {

Result<Header> ReadFormatHeader(Bytes bytes, Format format) {
  switch (format) {
    case Format::kJpeg:
      return ReadJpegHeader(bytes);
    case Format::kPng:
      return ReadPngHeader(bytes);
    case Format::kWebp:
      return ReadWebpHeader(bytes);
    case Format::kTiff:
      return ReadTiffHeader(bytes);
    case Format::kHeic:
    case Format::kAvif:
      return ReadHeifHeader(bytes, format);
  }
  return Error(ErrorCode::kInternal, "unknown format");
}

}  // namespace

Result<Header> ReadHeader(Bytes bytes, Format format) {
  GPEN_ASSIGN_OR_RETURN(Header header, ReadFormatHeader(bytes, format));
  PhotoInfo& info = header.info;
  info.format = format;
  if (info.width <= 0 || info.height <= 0) {
    return Error(ErrorCode::kCorruptImage,
                 fmt::format("damaged {}: the header gives a size of {} x {} pixels",
                             NameOf(format), info.width, info.height));
  }
  const auto pixels = std::int64_t{info.width} * info.height;
  // libvips works on strips of the picture, and holds some of them at a time.
  constexpr std::int64_t kRowsInFlight = 1024;
  const auto row_bytes = std::int64_t{std::max(info.width, info.height)} * header.decoded_channels *
                         static_cast<std::int64_t>(BytesPerSample(header.decoded_type));
  info.decode_memory_bytes = pixels * header.decoded_channels *
                                 static_cast<std::int64_t>(BytesPerSample(header.decoded_type)) +
                             header.decoder_bytes + kRowsInFlight * row_bytes +
                             static_cast<std::int64_t>(bytes.size());
  if (info.frames > 1) {
    header.losses.push_back(
        fmt::format("the file holds {} pictures: only the first is used and kept", info.frames));
  }
  return header;
}

void SetUprightSize(int stored_width, int stored_height, int orientation, PhotoInfo* info) {
  info->orientation = orientation;
  info->width = stored_width;
  info->height = stored_height;
  if (orientation >= 5) std::swap(info->width, info->height);
}

std::vector<std::byte> Copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace gpen::codec
