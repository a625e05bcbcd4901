// Header: everything that a file says before its pixels, read by our own bounded parsers.
//
// Nothing here allocates by what the file claims: limits are checked on a Header before a decoder
// library sees the file. Pure functions of the bytes (HEIC and AVIF ask libheif's box parser).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/byte_reader.h"
#include "codec/photo.h"

namespace gpen::codec {

/// Of content credentials (C2PA), in the losses of any format.
constexpr std::string_view kCredentialsLoss =
    "the content credentials (C2PA) are left out: they would no longer be true";

/// Programs write up to some twenty; a file of many makes the decoder walk over the picture for
/// hours.
constexpr int kMostJpegScans = 200;
constexpr std::string_view kWhyFewScans =
    "each is a walk over the whole picture, and no camera or program writes so many";

struct Header {
  PhotoInfo info;
  Metadata metadata;
  std::optional<JpegTraits> jpeg;
  int decoded_channels = 3;                   ///< Of Photo::pixels.
  SampleType decoded_type = SampleType::kU8;  ///< Of Photo::pixels.
  std::int64_t decoder_bytes = 0;             ///< Estimate of the decoder's own buffers.
  int largest_coded_side = 0;                 ///< HEIC, AVIF: before cropping boxes.
  bool needs_conversion_to_srgb = false;      ///< CMYK, Lab: not gray or RGB.
  std::vector<std::string> warnings;          ///< As in Photo.
  std::vector<std::string> losses;            ///< As in Photo.
};

/// Reads the header of `bytes`, which begin with the signature of `format`. Fills in everything,
/// PhotoInfo::decode_memory_bytes included.
///
/// Errors: kCorruptImage; kUnsupportedFormat for a variant that is not handled.
Result<Header> ReadHeader(Bytes bytes, Format format);

Result<Header> ReadJpegHeader(Bytes bytes);
Result<Header> ReadPngHeader(Bytes bytes);
Result<Header> ReadWebpHeader(Bytes bytes);
Result<Header> ReadTiffHeader(Bytes bytes);
Result<Header> ReadHeifHeader(Bytes bytes, Format format);

/// Sets the upright size from the stored one and the orientation, which must be 1..8.
void SetUprightSize(int stored_width, int stored_height, int orientation, PhotoInfo* info);

/// A copy that owns its bytes.
std::vector<std::byte> Copy(Bytes bytes);

}  // namespace gpen::codec
