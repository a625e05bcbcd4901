// PNG: walks the chunks up to the first pixel data.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/inflate.h"
#include "codec/exif_block.h"
#include "codec/header.h"
#include "codec/icc_profile.h"
#include "codec/png_chunks.h"
#include "codec/raw_profile.h"

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kMaxProfileBytes = std::size_t{16} << 20;
constexpr auto kXmpKeyword = "XML:com.adobe.xmp\0"sv;

/// Where the text that begins at `offset` ends: the offset after its zero byte.
std::uint64_t AfterText(Bytes bytes, std::uint64_t offset) {
  while (offset < bytes.size() && bytes[offset] != std::byte{0}) ++offset;
  return offset + 1;
}

Bytes From(Bytes bytes, std::uint64_t offset) {
  return offset < bytes.size() ? bytes.subspan(offset) : Bytes{};
}

// Nothing where it is damaged.
std::vector<std::byte> Inflated(Bytes packed) {
  auto plain = Inflate(packed, kMaxProfileBytes);
  return plain ? *std::move(plain) : std::vector<std::byte>();
}

void ReadInternationalText(Bytes chunk, Metadata* metadata) {
  if (!HasTextAt(chunk, 0, kXmpKeyword)) return;
  const std::uint64_t flags = kXmpKeyword.size();
  const bool compressed = ReadU8(chunk, flags) != 0;
  const std::uint64_t text = AfterText(chunk, AfterText(chunk, flags + 2));
  metadata->xmp = compressed ? Inflated(From(chunk, text)) : Copy(From(chunk, text));
}

/// The colours that a PNG without a profile states.
struct StatedColors {
  std::optional<double> gamma;  // gAMA: of the way from light to values.
  std::optional<std::array<double, 8>> chromaticities;
  bool is_srgb = false;
};

void ReadColors(std::string_view type, Bytes chunk, StatedColors* colors, Metadata* metadata) {
  if (type == "sRGB") colors->is_srgb = true;
  if (type == "gAMA" && chunk.size() >= 4) {
    colors->gamma = ReadU32(chunk, 0, ByteOrder::kBig) / 1e5;
  }
  if (type == "cHRM" && chunk.size() >= 32) {
    colors->chromaticities.emplace();
    for (std::size_t i = 0; i < 8; ++i) {
      (*colors->chromaticities)[i] = ReadU32(chunk, 4 * i, ByteOrder::kBig) / 1e5;
    }
  }
  if (type == "cICP" && chunk.size() >= 4) {
    metadata->coded = CodedColors{ReadU8(chunk, 0), ReadU8(chunk, 1)};
  }
}

void ReadChunk(std::string_view type, Bytes chunk, bool* has_transparency, int* frames,
               Metadata* metadata) {
  if (type == "tRNS") *has_transparency = true;
  if (type == "acTL") *frames = static_cast<int>(ReadU32(chunk, 0, ByteOrder::kBig) & 0xFFFFFFU);
  if (type == "eXIf") metadata->exif = Copy(chunk);
  if (type == "iTXt") ReadInternationalText(chunk, metadata);
  if (type == "iCCP" && metadata->icc.empty()) {
    metadata->icc = Inflated(From(chunk, AfterText(chunk, 0) + 1));
  }
  if (type == "pHYs" && ReadU8(chunk, 8) == 1) {  // Pixels a metre.
    metadata->horizontal_dpi = ReadU32(chunk, 0, ByteOrder::kBig) * 0.0254;
    metadata->vertical_dpi = ReadU32(chunk, 4, ByteOrder::kBig) * 0.0254;
  }
}

/// The fields of the metadata come from chunks of their own, where there are both.
void ReadRawProfiles(Metadata* metadata, std::vector<std::string>* losses) {
  std::vector<FormatPart> parts = std::move(metadata->parts);
  metadata->parts.clear();
  for (FormatPart& part : parts) {
    const auto text = part.type == "tEXt" || part.type == "zTXt"
                          ? ReadPngText(part.type, part.bytes)
                          : std::nullopt;
    const bool is_read = text && ReadRawProfile(*text, metadata, losses);
    if (!is_read) metadata->parts.push_back(std::move(part));
  }
}

/// What a file states of its colours otherwise becomes a profile, which every format holds.
void SetProfile(const StatedColors& colors, bool is_gray, Metadata* metadata) {
  if (!metadata->icc.empty()) {
    metadata->coded.reset();  // A profile says more.
    std::erase_if(metadata->parts, [](const FormatPart& part) { return part.type == "sRGB"; });
    return;
  }
  if (metadata->coded) {
    metadata->icc = ProfileFor(*metadata->coded);
  } else if (!colors.is_srgb && (colors.chromaticities || colors.gamma)) {
    // Who states no gamma means the usual one.
    const double stated = colors.gamma.value_or(0);
    const double gamma = stated > 0 ? 1 / stated : 2.2;
    metadata->icc = is_gray ? GrayProfile(gamma) : ProfileFor(gamma, colors.chromaticities);
  }
}

/// Gray 1, gray+alpha 2, RGB or palette 3, RGBA 4; 0 for a type that does not exist.
int ChannelsOf(int color_type, bool has_transparency) {
  switch (color_type) {
    case 0:
      return has_transparency ? 2 : 1;
    case 2:
    case 3:
      return has_transparency ? 4 : 3;
    case 4:
      return 2;
    case 6:
      return 4;
    default:
      return 0;
  }
}

}  // namespace

Result<Header> ReadPngHeader(Bytes bytes) {
  if (!HasTextAt(bytes, 12, "IHDR") || bytes.size() < 33) {
    return Error(ErrorCode::kCorruptImage,
                 "damaged PNG: it ends before the header of the picture; copy it again");
  }
  Header header;
  const std::uint32_t width = ReadU32(bytes, 16, ByteOrder::kBig);
  const std::uint32_t height = ReadU32(bytes, 20, ByteOrder::kBig);
  const int bits = ReadU8(bytes, 24);
  const int color_type = ReadU8(bytes, 25);
  const bool interlaced = ReadU8(bytes, 28) != 0;
  bool has_transparency = false;
  StatedColors colors;
  PngStorage storage{.color_type = color_type, .bits = bits, .palette = {}};
  std::uint64_t offset = 8;
  // XMP and EXIF may stand behind the pixel data, so all chunks are visited.
  while (offset + 12 <= bytes.size()) {
    const std::uint64_t length = ReadU32(bytes, offset, ByteOrder::kBig);
    const Bytes chunk = Slice(bytes, offset + 8, length);
    if (chunk.size() != length) {
      // libpng would allocate what the chunk claims before it sees that it is not there.
      return Error(
          ErrorCode::kCorruptImage,
          fmt::format("the png is cut short: at byte {} it promises {} bytes, {} are left; "
                      "copy it again from its source",
                      offset, length, bytes.size() - offset - 8));
    }
    const Bytes type = bytes.subspan(offset + 4, 4);
    if (HasTextAt(type, 0, "IEND")) {
      header.metadata.appended = Copy(bytes.subspan(offset + length + 12));
      break;
    }
    const std::string_view name(reinterpret_cast<const char*>(type.data()), 4);
    ReadChunk(name, chunk, &has_transparency, &header.info.frames, &header.metadata);
    ReadColors(name, chunk, &colors, &header.metadata);
    if (name == "PLTE") storage.palette = chunk;
    const bool is_xmp = name == "iTXt" && HasTextAt(chunk, 0, kXmpKeyword);
    if (!is_xmp) KeepPngChunk(name, chunk, storage, &header.metadata, &header.losses);
    offset += length + 12;
  }
  ReadRawProfiles(&header.metadata, &header.losses);
  SetProfile(colors, color_type == 0 || color_type == 4, &header.metadata);
  const int channels = ChannelsOf(color_type, has_transparency);
  if (channels == 0 || width > 0x7FFFFFFF || height > 0x7FFFFFFF ||
      (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16)) {
    return Error(ErrorCode::kCorruptImage,
                 fmt::format("damaged PNG: colour type {}, {} bits, {} x {} pixels do not exist",
                             color_type, bits, width, height));
  }
  SetUprightSize(static_cast<int>(width), static_cast<int>(height),
                 ExifOrientation(header.metadata.exif), &header.info);
  header.info.lossless = true;
  header.info.bits_per_sample = bits;
  header.info.stored_channels = color_type == 3 ? 1 : channels;
  header.info.has_alpha = channels % 2 == 0;
  header.decoded_channels = channels;
  header.decoded_type = bits == 16 ? SampleType::kU16 : SampleType::kU8;
  const std::int64_t row_bytes = std::int64_t{width} * channels * (bits == 16 ? 2 : 1);
  // Interlaced rows come in seven passes over the whole picture.
  header.decoder_bytes = interlaced ? row_bytes * height : row_bytes * 64;
  return header;
}

}  // namespace gpen::codec
