#include <fmt/format.h>
#include <libheif/heif.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "codec/exif_block.h"
#include "codec/heif.h"
#include "codec/heif_further.h"
#include "codec/heif_items.h"
#include "codec/heif_losses.h"
#include "codec/heif_references.h"
#include "codec/icc_profile.h"
#include "codec/threads.h"
#include "codec/whole_file.h"

namespace gpen::codec {
namespace {

// Larger sides than in any photo; libheif refuses pictures beyond before it allocates.
constexpr int kMaxSide = 65535;
// Pictures are coded in whole blocks, and a grid's tiles may reach over its edge.
constexpr int kTilePadding = 512;
// A phone's photo has its tiles, a gain map, depth and mattes: some three times its own pixels.
constexpr std::uint64_t kMostPartsToPhoto = 8;
constexpr std::uint64_t kPartsAlwaysAllowed = 64'000'000;  // Pixels.
constexpr std::size_t kMaxMetadataBytes = std::size_t{32} << 20;

struct Free {
  void operator()(heif_context* context) const { heif_context_free(context); }
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
  void operator()(heif_image* image) const { heif_image_release(image); }
  void operator()(heif_color_profile_nclx* profile) const { heif_nclx_color_profile_free(profile); }
  void operator()(heif_decoding_options* options) const { heif_decoding_options_free(options); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

/// An open file. The handle refers to the context and the context to the bytes.
struct HeifFile {
  std::vector<std::byte> mended;  // The bytes where the file's own cannot be read.
  Owned<heif_context> context;
  Owned<heif_image_handle> primary;
};

Error ToError(const heif_error& error, std::string_view format) {
  switch (error.code) {
    case heif_error_Memory_allocation_error:
      return {ErrorCode::kOutOfMemory,
              fmt::format("not enough memory to decode the {}: {}", format, error.message)};
    case heif_error_Unsupported_feature:
    case heif_error_Unsupported_filetype:
      return {ErrorCode::kUnsupportedFormat,
              fmt::format("this kind of {} cannot be decoded on this machine ({}); convert it to "
                          "JPEG first",
                          format, error.message)};
    default:
      return {ErrorCode::kCorruptImage,
              fmt::format("damaged {}: {}; copy it again", format, error.message)};
  }
}

/// An error of libheif about a file that is whole: the library is too old for it, or too strict.
Error ToErrorOfOpening(const heif_error& error, Bytes bytes, Format format) {
  if (error.code != heif_error_Invalid_input) return ToError(error, NameOf(format));
  MemorySource source(bytes);
  if (const auto missing = FindMissingInHeif(&source)) {
    return {ErrorCode::kCorruptImage,
            fmt::format("the {} is cut short: {}; copy it again from its source", NameOf(format),
                        missing->what)};
  }
  return {ErrorCode::kUnsupportedFormat,
          fmt::format("the libheif {} of this machine cannot read this {} ({}), although no part "
                      "of the file is missing; files of new phones need libheif 1.19, as Debian 13 "
                      "has it: update it, or convert the photo to JPEG first",
                      heif_get_version(), NameOf(format), error.message)};
}

heif_error OpenBytes(Bytes bytes, int max_side, HeifFile* file) {
  file->primary.reset();
  file->context.reset(heif_context_alloc());
  heif_context_set_maximum_image_size_limit(file->context.get(), max_side);
  heif_context_set_max_decoding_threads(file->context.get(), Threads());
  heif_error error = heif_context_read_from_memory_without_copy(file->context.get(), bytes.data(),
                                                                bytes.size(), nullptr);
  if (error.code != heif_error_Ok) return error;
  heif_image_handle* handle = nullptr;
  error = heif_context_get_primary_image_handle(file->context.get(), &handle);
  if (error.code == heif_error_Ok) file->primary.reset(handle);
  return error;
}

/// A small file can ask for the same large tile a thousand times.
Result<void> CheckPixelsOfParts(Bytes bytes, Format format) {
  const std::uint64_t photo = PixelsOf(PropertiesOfPrimary(bytes));
  const std::uint64_t parts = PixelsToDecode(bytes);
  if (parts <= kPartsAlwaysAllowed || parts / kMostPartsToPhoto <= photo) return {};
  return Error(ErrorCode::kImageTooLarge,
               fmt::format("expected {} whose parts have at most {} times its {} megapixels, but "
                           "those of this one have {}: it is made to take long; convert the photo "
                           "to JPEG first if you trust it",
                           format == Format::kAvif ? "an AVIF" : "a HEIC", kMostPartsToPhoto,
                           photo / 1'000'000, parts / 1'000'000));
}

Result<HeifFile> Open(Bytes bytes, Format format, int max_side) {
  if (!HasSaneReferences(bytes)) {
    return Error(
        ErrorCode::kCorruptImage,
        fmt::format("damaged {}: its parts refer to each other in a circle", NameOf(format)));
  }
  GPEN_TRY(CheckPixelsOfParts(bytes, format));
  HeifFile file;
  heif_error error = OpenBytes(bytes, max_side, &file);
  if (error.code == heif_error_Invalid_input) {
    file.mended = WithSingleReferences(bytes);
    if (!file.mended.empty()) error = OpenBytes(file.mended, max_side, &file);
  }
  if (error.code != heif_error_Ok) return ToErrorOfOpening(error, bytes, format);
  return file;
}

/// The first metadata block of the type (and, where not empty, of the content type).
std::vector<std::byte> ReadBlock(const heif_image_handle* handle, const char* type,
                                 std::string_view content_type) {
  const int count = heif_image_handle_get_number_of_metadata_blocks(handle, type);
  std::vector<heif_item_id> ids(static_cast<std::size_t>(std::max(count, 0)));
  heif_image_handle_get_list_of_metadata_block_IDs(handle, type, ids.data(), count);
  for (const heif_item_id id : ids) {
    const char* found = heif_image_handle_get_metadata_content_type(handle, id);
    if (!content_type.empty() && (found == nullptr || content_type != found)) continue;
    const std::size_t size = heif_image_handle_get_metadata_size(handle, id);
    if (size == 0 || size > kMaxMetadataBytes) continue;
    std::vector<std::byte> block(size);
    if (heif_image_handle_get_metadata(handle, id, block.data()).code == heif_error_Ok) {
      return block;
    }
  }
  return {};
}

/// HEIF puts the offset of the TIFF header before the block.
std::vector<std::byte> ReadExif(const heif_image_handle* handle) {
  const std::vector<std::byte> block = ReadBlock(handle, "Exif", "");
  const std::uint64_t offset = std::uint64_t{4} + ReadU32(block, 0, ByteOrder::kBig);
  if (offset >= block.size()) return {};
  return Copy(WithoutExifPrefix(Bytes(block).subspan(offset)));
}

std::vector<std::byte> ReadIcc(const heif_image_handle* handle) {
  const std::size_t size = heif_image_handle_get_raw_color_profile_size(handle);
  if (size == 0 || size > kMaxMetadataBytes) return {};
  std::vector<std::byte> icc(size);
  const heif_error error = heif_image_handle_get_raw_color_profile(handle, icc.data());
  return error.code == heif_error_Ok ? icc : std::vector<std::byte>();
}

CodedColors ReadCodedColors(const heif_image_handle* handle) {
  heif_color_profile_nclx* found = nullptr;
  const heif_error error = heif_image_handle_get_nclx_color_profile(handle, &found);
  const Owned<heif_color_profile_nclx> profile(found);  // Set in some cases of error, too.
  if (error.code != heif_error_Ok || profile == nullptr) return {};
  return {profile->color_primaries, profile->transfer_characteristics};
}

/// "item": kept with its like in the same format; "aux": what no result of ours has.
std::string TypeOfPart(std::uint32_t id, const std::vector<HeifItemCopy>& kept) {
  return std::ranges::find(kept, id, &HeifItemCopy::id) == kept.end() ? "aux" : "item";
}

/// Gain maps and depth maps, and whether they are among the items that are kept. Alpha is a channel
/// of the pixels.
void NameAuxiliaryPictures(const heif_image_handle* handle, Metadata* metadata) {
  constexpr int kFilter = LIBHEIF_AUX_IMAGE_FILTER_OMIT_ALPHA;
  const int count = heif_image_handle_get_number_of_auxiliary_images(handle, kFilter);
  std::vector<heif_item_id> ids(static_cast<std::size_t>(std::max(count, 0)));
  heif_image_handle_get_list_of_auxiliary_image_IDs(handle, kFilter, ids.data(), count);
  for (const heif_item_id id : ids) {
    heif_image_handle* found = nullptr;
    if (heif_image_handle_get_auxiliary_image_handle(handle, id, &found).code != heif_error_Ok) {
      continue;
    }
    const Owned<heif_image_handle> auxiliary(found);
    const char* type = nullptr;
    heif_image_handle_get_auxiliary_type(found, &type);
    const std::string text = type == nullptr ? "" : type;
    heif_image_handle_free_auxiliary_types(found, &type);
    const bool gain =
        text.find("gainmap") != std::string::npos || text.find("gain_map") != std::string::npos;
    const bool depth = text.find("depth") != std::string::npos ||
                       text.find("auxid:2") != std::string::npos ||
                       text.find("disparity") != std::string::npos;
    metadata->parts.push_back({TypeOfPart(id, metadata->items),
                               {},
                               gain    ? std::string("the HDR gain map")
                               : depth ? std::string("the depth map")
                                       : fmt::format("an auxiliary picture ({})", text)});
  }
}

/// What is kept of the photo's properties beside its colours.
void ReadLight(Bytes bytes, Metadata* metadata) {
  for (const HeifProperty& property : PropertiesOfPrimary(bytes)) {
    if (property.type == "clli") {
      metadata->parts.push_back(
          {"clli", Copy(property.content), "the brightness of its lightest parts"});
    } else if (property.type == "mdcv") {
      metadata->parts.push_back({"mdcv", Copy(property.content), "the screen that it was made on"});
    }
  }
}

heif_chroma ChromaFor(const Header& header) {
  const bool alpha = header.decoded_channels == 4;
  if (header.decoded_type == SampleType::kU8) {
    return alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
  }
  return alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE;
}

/// 10- or 12-bit little-endian samples to the whole range of 16 bits.
void WidenRow(const std::uint8_t* source, std::size_t samples, int bits, std::uint16_t* target) {
  const std::uint32_t most = (1U << bits) - 1;
  for (std::size_t i = 0; i < samples; ++i) {
    const std::uint32_t value = std::min<std::uint32_t>(
        static_cast<std::uint32_t>(source[2 * i] | source[2 * i + 1] << 8), most);
    target[i] = static_cast<std::uint16_t>((value * 65535U + most / 2) / most);
  }
}

template <typename T>
void UnpremultiplyRow(T* samples, int width) {
  constexpr std::uint64_t kMost = static_cast<T>(~T{0});
  for (int x = 0; x < width; ++x, samples += 4) {
    const std::uint64_t alpha = samples[3];
    if (alpha == 0) continue;
    for (int c = 0; c < 3; ++c) {
      samples[c] =
          static_cast<T>(std::min<std::uint64_t>((samples[c] * kMost + alpha / 2) / alpha, kMost));
    }
  }
}

void CopyRows(const heif_image* image, bool premultiplied, Image* pixels) {
  int stride = 0;
  const std::uint8_t* plane =
      heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
  const int bits = heif_image_get_bits_per_pixel_range(image, heif_channel_interleaved);
  const auto samples = static_cast<std::size_t>(pixels->width() * pixels->channels());
  for (int y = 0; y < pixels->height(); ++y) {
    const std::uint8_t* row = plane + static_cast<std::ptrdiff_t>(y) * stride;
    if (pixels->type() == SampleType::kU8) {
      std::memcpy(pixels->Row<std::uint8_t>(y), row, samples);
      if (premultiplied) UnpremultiplyRow(pixels->Row<std::uint8_t>(y), pixels->width());
    } else {
      WidenRow(row, samples, bits, pixels->Row<std::uint16_t>(y));
      if (premultiplied) UnpremultiplyRow(pixels->Row<std::uint16_t>(y), pixels->width());
    }
  }
}

}  // namespace

Result<Header> ReadHeifHeader(Bytes bytes, Format format) {
  GPEN_ASSIGN_OR_RETURN(const HeifFile file, Open(bytes, format, kMaxSide));
  const heif_image_handle* handle = file.primary.get();
  Header header;
  // The size after irot and imir, which libheif applies; EXIF's orientation is not to be applied.
  SetUprightSize(heif_image_handle_get_width(handle), heif_image_handle_get_height(handle), 1,
                 &header.info);
  const int bits = heif_image_handle_get_luma_bits_per_pixel(handle);
  header.info.bits_per_sample = bits > 0 ? bits : 8;
  header.info.has_alpha = heif_image_handle_has_alpha_channel(handle) != 0;
  header.info.stored_channels = header.info.has_alpha ? 4 : 3;
  header.info.orientation = OrientationOfPrimary(bytes);
  header.info.frames = std::max({heif_context_get_number_of_top_level_images(file.context.get()),
                                 FramesOfSequence(bytes), 1});
  header.decoded_channels = header.info.stored_channels;
  header.decoded_type = header.info.bits_per_sample > 8 ? SampleType::kU16 : SampleType::kU8;
  header.metadata.exif = ReadExif(handle);
  header.metadata.xmp = ReadBlock(handle, "mime", "application/rdf+xml");
  header.metadata.icc = ReadIcc(handle);
  const CodedColors colors = ReadCodedColors(handle);
  if (header.metadata.icc.empty()) header.metadata.icc = ProfileFor(colors);
  if (colors.primaries != 2 || colors.transfer != 2) header.metadata.coded = colors;
  ReadLight(bytes, &header.metadata);
  header.metadata.items = FurtherItems(bytes);
  NameAuxiliaryPictures(handle, &header.metadata);
  if (const auto id = ToneMapOf(bytes)) {
    header.metadata.parts.push_back(
        {TypeOfPart(*id, header.metadata.items), {}, "how the HDR gain map is applied"});
  }
  header.losses = LossesOfHeif(bytes);
  header.metadata.appended = Copy(AppendedToHeif(bytes));
  // The decoder's planes with a reference copy, and libheif's interleaved picture. AV1 decoders
  // keep more: measured with dav1d and libheif 1.19 of Debian 12 and 13.
  const int decoder_planes = format == Format::kAvif ? 15 : 6;
  const int coded_width = std::max(heif_image_handle_get_ispe_width(handle), header.info.width);
  const int coded_height = std::max(heif_image_handle_get_ispe_height(handle), header.info.height);
  header.largest_coded_side = std::max(coded_width, coded_height);
  const std::int64_t pixels = std::int64_t{coded_width} * coded_height;
  const int sample_bytes = header.decoded_type == SampleType::kU16 ? 2 : 1;
  header.decoder_bytes = pixels * sample_bytes * (header.decoded_channels + decoder_planes);
  return header;
}

Result<void> DecodeHeif(Bytes bytes, const Header& header, IfDamaged if_damaged, Image* pixels) {
  // A crafted grid or tile can be larger than the header that our limits were checked against.
  GPEN_ASSIGN_OR_RETURN(const HeifFile file,
                        Open(bytes, header.info.format, header.largest_coded_side + kTilePadding));
  const Owned<heif_decoding_options> options(heif_decoding_options_alloc());
  options->strict_decoding = if_damaged == IfDamaged::kRefuse ? 1 : 0;
  options->convert_hdr_to_8bit = header.decoded_type == SampleType::kU8 ? 1 : 0;
  heif_image* decoded = nullptr;
  const heif_error error = heif_decode_image(file.primary.get(), &decoded, heif_colorspace_RGB,
                                             ChromaFor(header), options.get());
  if (error.code != heif_error_Ok) return ToError(error, NameOf(header.info.format));
  const Owned<heif_image> image(decoded);
  if (heif_image_get_width(decoded, heif_channel_interleaved) != pixels->width() ||
      heif_image_get_height(decoded, heif_channel_interleaved) != pixels->height()) {
    return Error(ErrorCode::kCorruptImage,
                 fmt::format("damaged {}: the header says {} x {} pixels, the picture has {} x {}",
                             NameOf(header.info.format), pixels->width(), pixels->height(),
                             heif_image_get_width(decoded, heif_channel_interleaved),
                             heif_image_get_height(decoded, heif_channel_interleaved)));
  }
  const bool premultiplied =
      header.info.has_alpha && heif_image_handle_is_premultiplied_alpha(file.primary.get()) != 0;
  CopyRows(decoded, premultiplied, pixels);
  return {};
}

}  // namespace gpen::codec
