// Bytes of a photo file -> PhotoInfo (header only) or Photo (pixels and metadata).
//
// The kind of file is told by its content. Only the loaders for JPEG, PNG, WebP, TIFF, HEIC and
// AVIF can be reached. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "codec/limits.h"
#include "codec/photo.h"

namespace gpen::codec {

/// Reads the header and checks `limits`; allocates no pixels.
///
/// Errors: kUnsupportedFormat (says what the bytes look like), kCorruptImage, kImageTooLarge.
Result<PhotoInfo> Probe(std::span<const std::byte> bytes, const Limits& limits);

/// What Decode() does with a file of which a part of the pixels is missing.
enum class IfDamaged : std::uint8_t {
  kRefuse,
  kTake,  ///< Decode what is there, with a warning.
};

/// Probe, then decode to upright pixels in the file's own colour space. CMYK and other spaces that
/// are not gray or RGB become sRGB, with a warning. Of an animation the first frame, with a
/// warning.
///
/// A photo that is whole but for its end mark, or that is damaged inside, has a warning.
///
/// Errors: those of Probe; kCorruptImage for a file cut short (whole_file.h); kOutOfMemory.
Result<Photo> Decode(std::span<const std::byte> bytes, const Limits& limits,
                     IfDamaged if_damaged = IfDamaged::kRefuse);

}  // namespace gpen::codec
