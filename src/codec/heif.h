// HEIC and AVIF through libheif: decoding with the file's own depth, and encoding.
//
// libheif is called directly and not through libvips, whose saver rewrites EXIF blocks (tags and
// MakerNotes are lost) and which offers neither the pictures' depth nor their colour description.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/decode.h"
#include "codec/header.h"
#include "codec/photo.h"

namespace gpen::codec {

/// Decodes the primary picture, upright (libheif applies irot and imir), into `pixels`, which has
/// the size and type of `header`.
Result<void> DecodeHeif(Bytes bytes, const Header& header, IfDamaged if_damaged, Image* pixels);

/// How bright a picture is meant to be seen, as its boxes say (ISO/IEC 23008-12); empty where they
/// do not.
struct HeifLight {
  Bytes levels;  ///< "clli": of its lightest parts.
  Bytes screen;  ///< "mdcv": what it was made on.
};

struct HeifEncoding {
  Format format = Format::kHeic;
  int quality = 85;
  int bits = 8;  ///< 8, 10 or 12: of the file.
  bool subsample_chroma = true;
  std::optional<CodedColors> colors = {};  ///< Of the pixels; sRGB where not given.
  HeifLight light = {};
};

/// `pixels`: any channel count and integer type of Photo. `exif`, `xmp`, `icc` may be empty.
///
/// 10 bits with transparency become 12 in an AVIF by libheif before 1.16; without it they are coded
/// with the chroma of 4:2:2 there.
///
/// Errors: kUnsupportedFormat where this machine has no encoder for the format.
Result<std::vector<std::byte>> EncodeHeif(ImageView pixels, const HeifEncoding& encoding,
                                          Bytes exif, Bytes xmp, Bytes icc);

}  // namespace gpen::codec
