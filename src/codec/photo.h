// Photo: the decoded pixels of a file, upright and in the file's own colour space, with the
// metadata that goes back into the result.
//
// Pixels stay in the file's space (Display P3, gray, 16 bit, alpha) so that what is not a face can
// be written back unchanged; color_transform.h takes a face to sRGB and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"

namespace gpen::codec {

enum class Format : std::uint8_t { kJpeg, kPng, kWebp, kTiff, kHeic, kAvif };

/// "jpeg", "png", ...
std::string_view NameOf(Format format);
/// ".jpg", ".png", ...
std::string_view ExtensionOf(Format format);
/// From a name ("jpeg") or extension ("jpg", ".JPG"); nothing where it is none of ours.
std::optional<Format> FormatFromName(std::string_view name);

/// What the header says. No pixel has been decoded for it.
struct PhotoInfo {
  Format format = Format::kJpeg;
  int width = 0;            ///< Pixels, upright.
  int height = 0;           ///< Pixels, upright.
  int stored_channels = 0;  ///< As stored: 1 gray, 3 RGB, 4 CMYK or RGBA.
  int bits_per_sample = 8;
  bool has_alpha = false;
  bool lossless = false;  ///< The file's own compression loses nothing.
  int orientation = 1;    ///< EXIF orientation (or HEIF's equivalent) as stored, 1..8.
  int frames = 1;         ///< Of an animation or multi-page file; the first is used.
  std::int64_t decode_memory_bytes = 0;  ///< Estimated peak of decoding, pixels included.
};

/// Colour primaries and transfer curve of coded samples by their numbers in ITU-T H.273.
struct CodedColors {
  int primaries = 2;  ///< 2: not stated.
  int transfer = 2;
};

/// A part that only its own format has a place for, as stored: a segment of a JPEG, a chunk of a
/// PNG.
struct FormatPart {
  std::string type;  ///< The segment's marker or the chunk's type: "COM", "APP4", "tEXt".
  std::vector<std::byte> bytes;
  std::string name;  ///< For people: "the comment". Empty where nothing is lost without it.
  /// It holds places in the picture or directions, and is wrong for one that was turned.
  bool lies_in_picture = false;
};

/// A picture beside the photo in a HEIC or AVIF, or what belongs to one, as it is coded.
struct HeifItemCopy {
  static constexpr std::uint32_t kPhoto = 0;  ///< In references: the photo itself.

  struct Property {
    std::string type;
    std::vector<std::byte> content;
    bool is_essential = false;
  };
  struct Reference {
    std::string type;
    std::vector<std::uint32_t> to;
  };

  std::uint32_t id = 0;          ///< In the file that it comes from; no item has 0.
  std::string type;              ///< "hvc1", "grid", "mime".
  std::vector<std::byte> entry;  ///< The content of its "infe" box.
  std::vector<std::byte> bytes;
  std::vector<Property> properties;
  std::vector<Reference> references;
};

/// The blobs of a file's metadata, as stored; empty where there is none.
struct Metadata {
  std::vector<std::byte> exif;  ///< TIFF structure, without the "Exif\0\0" prefix.
  std::vector<std::byte> xmp;
  std::vector<std::byte> iptc;
  std::vector<std::byte> icc;
  std::vector<FormatPart> parts;     ///< In the file's order.
  std::vector<HeifItemCopy> items;   ///< Further pictures of HEIC and AVIF.
  std::vector<std::byte> appended;   ///< What follows the picture: the clip of a motion photo.
  std::optional<CodedColors> coded;  ///< Where the file states them, of HEIC, AVIF and PNG.
  double horizontal_dpi = 0;         ///< 0: not stated.
  double vertical_dpi = 0;
};

/// How a JPEG was made, so that the result can be made alike.
struct JpegTraits {
  int quality = 90;               ///< Estimated from the quantisation tables, 1..100.
  bool chroma_subsampled = true;  ///< 4:2:0 or 4:2:2.
  bool progressive = false;
};

struct Photo {
  /// Upright. 1 gray, 2 gray+alpha, 3 RGB or 4 RGBA; kU8 or kU16. Not premultiplied.
  Image pixels;
  PhotoInfo info;
  Metadata metadata;
  std::optional<JpegTraits> jpeg;
  /// What the person should know of the file as it is: "its end is missing".
  std::vector<std::string> warnings;
  /// What an encoded result will not have of it: "only the first of 12 pictures is used". Encode()
  /// says so; a copy of the file loses nothing.
  std::vector<std::string> losses;

  int width() const { return pixels.width(); }
  int height() const { return pixels.height(); }
  bool has_alpha() const { return pixels.channels() == 2 || pixels.channels() == 4; }
  int color_channels() const { return pixels.channels() <= 2 ? 1 : 3; }
  /// How many times as wide the pixels are as the file that they come from.
  double enlargement() const { return info.width > 0 ? 1.0 * width() / info.width : 1; }
};

}  // namespace gpen::codec
