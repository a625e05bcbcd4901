#include <fmt/format.h>
#include <libheif/heif.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "codec/heif.h"
#include "codec/icc_profile.h"
#include "codec/threads.h"

namespace gpen::codec {
namespace {

// Of ITU-T H.273.
constexpr int kNotStated = 2;
constexpr int kBt2020 = 9;

struct Free {
  void operator()(heif_context* context) const { heif_context_free(context); }
  void operator()(heif_encoding_options* options) const { heif_encoding_options_free(options); }
  void operator()(heif_encoder* encoder) const { heif_encoder_release(encoder); }
  void operator()(heif_image* image) const { heif_image_release(image); }
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
  void operator()(heif_color_profile_nclx* profile) const { heif_nclx_color_profile_free(profile); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Error ToError(const heif_error& error, Format format) {
  const bool memory = error.code == heif_error_Memory_allocation_error;
  return {memory ? ErrorCode::kOutOfMemory : ErrorCode::kInternal,
          fmt::format("the {} could not be encoded: {}", NameOf(format), error.message)};
}

/// One row of `pixels` as RGB or RGBA of the target's depth; gray is repeated.
template <typename Source, typename Target>
void ConvertRow(const Source* source, int width, int channels, std::uint32_t target_most,
                Target* target) {
  constexpr std::uint32_t kSourceMost = static_cast<Source>(~Source{0});
  const auto scaled = [target_most](Source value) {
    return static_cast<Target>((std::uint32_t{value} * target_most + kSourceMost / 2) /
                               kSourceMost);
  };
  const int color_channels = channels <= 2 ? 1 : 3;
  const bool alpha = channels % 2 == 0;
  for (int x = 0; x < width; ++x, source += channels) {
    for (int c = 0; c < 3; ++c) *target++ = scaled(source[color_channels == 1 ? 0 : c]);
    if (alpha) *target++ = scaled(source[channels - 1]);
  }
}

Result<Owned<heif_image>> ToHeifImage(ImageView pixels, const HeifEncoding& encoding) {
  const bool alpha = pixels.channels() % 2 == 0;
  const bool wide = encoding.bits > 8;
  const heif_chroma chroma =
      wide ? (alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
           : (alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB);
  heif_image* created = nullptr;
  heif_error error =
      heif_image_create(pixels.width(), pixels.height(), heif_colorspace_RGB, chroma, &created);
  if (error.code != heif_error_Ok) return ToError(error, encoding.format);
  Owned<heif_image> image(created);
  error = heif_image_add_plane(created, heif_channel_interleaved, pixels.width(), pixels.height(),
                               encoding.bits);
  if (error.code != heif_error_Ok) return ToError(error, encoding.format);
  int stride = 0;
  std::uint8_t* plane = heif_image_get_plane(created, heif_channel_interleaved, &stride);
  const std::uint32_t most = (1U << encoding.bits) - 1;
  for (int y = 0; y < pixels.height(); ++y) {
    std::uint8_t* row = plane + static_cast<std::ptrdiff_t>(y) * stride;
    const auto convert = [&](auto* target) {
      if (pixels.type() == SampleType::kU8) {
        ConvertRow(pixels.Row<std::uint8_t>(y), pixels.width(), pixels.channels(), most, target);
      } else {
        ConvertRow(pixels.Row<std::uint16_t>(y), pixels.width(), pixels.channels(), most, target);
      }
    };
    if (wide) {
      convert(reinterpret_cast<std::uint16_t*>(row));
    } else {
      convert(row);
    }
  }
  return image;
}

/// libheif before 1.16 asks libaom for the profile of 12 bits for 10, too (strukturag/libheif#788).
/// That one holds 10 bits in 4:2:2 alone; with any other chroma libaom aborts the process.
bool HoldsTenBitsInHalfChroma(const HeifEncoding& encoding) {
  constexpr std::uint32_t kFixedIn = LIBHEIF_MAKE_VERSION(1, 16, 0);
  return encoding.format == Format::kAvif && encoding.bits == 10 &&
         heif_get_version_number() < kFixedIn;
}

/// Transparency is coded without chroma. 12 bits hold the same values.
int BitsFor(const HeifEncoding& encoding, bool has_alpha) {
  return has_alpha && HoldsTenBitsInHalfChroma(encoding) ? 12 : encoding.bits;
}

const char* ChromaFor(const HeifEncoding& encoding) {
  if (HoldsTenBitsInHalfChroma(encoding)) return "422";
  return encoding.subsample_chroma ? "420" : "444";
}

Result<Owned<heif_encoder>> MakeEncoder(heif_context* context, const HeifEncoding& encoding) {
  const bool avif = encoding.format == Format::kAvif;
  heif_encoder* created = nullptr;
  const heif_error error = heif_context_get_encoder_for_format(
      context, avif ? heif_compression_AV1 : heif_compression_HEVC, &created);
  if (error.code != heif_error_Ok) {
    return Error(ErrorCode::kUnsupportedFormat,
                 fmt::format("this machine's libheif has no encoder for {}; choose another format, "
                             "as with --format jpeg",
                             NameOf(encoding.format)));
  }
  Owned<heif_encoder> encoder(created);
  heif_encoder_set_lossy_quality(created, encoding.quality);
  // An encoder that lacks one of these parameters does without.
  heif_encoder_set_parameter_string(created, "chroma", ChromaFor(encoding));
  if (avif) {
    heif_encoder_set_parameter_integer(created, "speed", 8);
    heif_encoder_set_parameter_integer(created, "threads", Threads());
  } else {
    heif_encoder_set_parameter_string(created, "preset", "superfast");
  }
  return encoder;
}

/// Says that the picture is what `colors` says, else sRGB, in full range; an ICC profile beside it
/// says otherwise.
heif_error DescribeColors(const std::optional<CodedColors>& colors, heif_image* image) {
  const Owned<heif_color_profile_nclx> profile(heif_nclx_color_profile_alloc());
  profile->color_primaries = heif_color_primaries_ITU_R_BT_709_5;
  profile->transfer_characteristics = heif_transfer_characteristic_IEC_61966_2_1;
  profile->matrix_coefficients = heif_matrix_coefficients_ITU_R_BT_601_6;
  if (colors && colors->primaries != kNotStated && colors->transfer != kNotStated) {
    heif_nclx_color_profile_set_color_primaries(profile.get(),
                                                static_cast<std::uint16_t>(colors->primaries));
    heif_nclx_color_profile_set_transfer_characteristics(
        profile.get(), static_cast<std::uint16_t>(colors->transfer));
    if (colors->primaries == kBt2020) {
      profile->matrix_coefficients =
          heif_matrix_coefficients_ITU_R_BT_2020_2_non_constant_luminance;
    }
  }
  profile->full_range_flag = 1;
  return heif_image_set_nclx_color_profile(image, profile.get());
}

/// The content of a "clli" and of an "mdcv" box.
void DescribeLight(const HeifLight& light, heif_image* image) {
  if (const Bytes box = light.levels; box.size() >= 4) {
    const heif_content_light_level levels = {ReadU16(box, 0, ByteOrder::kBig),
                                             ReadU16(box, 2, ByteOrder::kBig)};
    heif_image_set_content_light_level(image, &levels);
  }
  if (const Bytes box = light.screen; box.size() >= 24) {
    heif_mastering_display_colour_volume screen = {};
    for (unsigned i = 0; i < 3; ++i) {
      screen.display_primaries_x[i] = ReadU16(box, 4 * i, ByteOrder::kBig);
      screen.display_primaries_y[i] = ReadU16(box, 4 * i + 2, ByteOrder::kBig);
    }
    screen.white_point_x = ReadU16(box, 12, ByteOrder::kBig);
    screen.white_point_y = ReadU16(box, 14, ByteOrder::kBig);
    screen.max_display_mastering_luminance = ReadU32(box, 16, ByteOrder::kBig);
    screen.min_display_mastering_luminance = ReadU32(box, 20, ByteOrder::kBig);
    heif_image_set_mastering_display_colour_volume(image, &screen);
  }
}

heif_error Append(heif_context*, const void* data, size_t size, void* target) {
  const auto* bytes = static_cast<const std::byte*>(data);
  auto* file = static_cast<std::vector<std::byte>*>(target);
  try {
    file->insert(file->end(), bytes, bytes + size);
  } catch (const std::bad_alloc&) {
    return {heif_error_Memory_allocation_error, heif_suberror_Unspecified, "out of memory"};
  }
  return {heif_error_Ok, heif_suberror_Unspecified, "Success"};
}

heif_error AddMetadata(heif_context* context, heif_image_handle* handle, Bytes exif, Bytes xmp) {
  heif_error error{heif_error_Ok, heif_suberror_Unspecified, "Success"};
  if (!exif.empty()) {
    error =
        heif_context_add_exif_metadata(context, handle, exif.data(), static_cast<int>(exif.size()));
  }
  if (error.code == heif_error_Ok && !xmp.empty()) {
    error =
        heif_context_add_XMP_metadata(context, handle, xmp.data(), static_cast<int>(xmp.size()));
  }
  return error;
}

}  // namespace

Result<std::vector<std::byte>> EncodeHeif(ImageView pixels, const HeifEncoding& wanted, Bytes exif,
                                          Bytes xmp, Bytes icc) {
  HeifEncoding encoding = wanted;
  encoding.bits = BitsFor(wanted, pixels.channels() % 2 == 0);
  const Owned<heif_context> context(heif_context_alloc());
  GPEN_ASSIGN_OR_RETURN(const auto encoder, MakeEncoder(context.get(), encoding));
  GPEN_ASSIGN_OR_RETURN(const auto image, ToHeifImage(pixels, encoding));
  heif_error error = DescribeColors(encoding.colors, image.get());
  DescribeLight(encoding.light, image.get());
  if (error.code == heif_error_Ok && !icc.empty()) {
    error = heif_image_set_raw_color_profile(image.get(), "prof", icc.data(), icc.size());
  }
  if (error.code != heif_error_Ok) return ToError(error, encoding.format);
  // libheif leaves the colours of HEIC out otherwise, for old programs of Apple's.
  const Owned<heif_encoding_options> options(heif_encoding_options_alloc());
  const bool is_bright = encoding.colors && IsHighDynamicRange(*encoding.colors);
  if (is_bright) options->macOS_compatibility_workaround_no_nclx_profile = 0;
  // What an AVIF states stays beside the profile that was made of it.
  const bool keeps_both = encoding.format == Format::kAvif && encoding.colors.has_value();
  options->save_two_colr_boxes_when_ICC_and_nclx_available = keeps_both ? 1 : 0;
  heif_image_handle* encoded = nullptr;
  error =
      heif_context_encode_image(context.get(), image.get(), encoder.get(), options.get(), &encoded);
  if (error.code != heif_error_Ok) return ToError(error, encoding.format);
  const Owned<heif_image_handle> handle(encoded);
  error = AddMetadata(context.get(), encoded, exif, xmp);
  if (error.code != heif_error_Ok) return ToError(error, encoding.format);
  std::vector<std::byte> file;
  heif_writer writer{1, Append};
  error = heif_context_write(context.get(), &writer, &file);
  if (error.code != heif_error_Ok) return ToError(error, encoding.format);
  return file;
}

}  // namespace gpen::codec
