// The one answer to "is this file whole?": for a photo that is to be decoded and for one that
// somebody may still be writing. Told by what a format says of its own length and parts; nothing is
// decoded.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "codec/byte_source.h"
#include "codec/photo.h"

namespace gpen::codec {

struct MissingPart {
  /// For people: "its end mark is missing".
  std::string what;
  /// Pixels are missing. Else only decoding tells: an end mark says nothing about what lies before.
  bool has_pixels = false;
};

/// What is missing of `file`, which begins as a file of `format`; nothing where it is whole. What
/// follows the picture (a clip, further pictures) is not looked at.
///
/// JPEG: the scans up to their end mark. PNG: the chunks up to IEND. WebP: the length in its
/// header. HEIC, AVIF: the extents of all items. TIFF: the strips and tiles of all pages. WebP,
/// HEIC and AVIF are not whole either where a picture's bytes end in a long run of zeros: space was
/// reserved for what is still to come.
std::optional<MissingPart> FindMissingPart(ByteSource* file, Format format);

/// The same for HEIC and AVIF.
std::optional<MissingPart> FindMissingInHeif(ByteSource* file);
/// The same for TIFF and BigTIFF.
std::optional<MissingPart> FindMissingInTiff(ByteSource* file);

/// Where the picture of a JPEG ends: the offset after its end mark. Nothing where there is none.
/// `visit`, where given, is told the marker of each segment behind the first scan, and where it
/// begins with its length.
std::optional<std::uint64_t> EndOfJpegPicture(
    ByteSource* file, const std::function<void(int marker, std::uint64_t at)>& visit = nullptr);

/// Whether the `length` bytes at `at`, compressed pixels, end in zeros as no encoder leaves them.
bool EndsInZeros(ByteSource* file, std::uint64_t at, std::uint64_t length);

}  // namespace gpen::codec
