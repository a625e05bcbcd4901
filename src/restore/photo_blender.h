// Blends faces that were restored earlier into their photo anew, each with a strength of its own.
// No network runs, so it takes about as long as reading and writing the photo.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/encode.h"
#include "codec/limits.h"
#include "codec/photo.h"
#include "restore/kept_faces.h"
#include "restore/restore_options.h"

namespace gpen::restore {

struct BlendRequest {
  std::span<const std::byte> original;  ///< The photo that was restored.
  const KeptFaces* kept = nullptr;      ///< Of that restoration.
  std::vector<int> strengths;           ///< Of each kept face: 0..100 percent; 0 leaves it alone.
  Mode mode = Mode::kNatural;
  bool protect_tone = true;
  codec::EncodeOptions encode;
  codec::Limits limits;
};

struct BlendedPhoto {
  std::vector<std::byte> file;  ///< The original itself where every face is left alone.
  codec::Format format = codec::Format::kJpeg;
  std::vector<std::byte> preview;  ///< See codec::EncodePreview.
  std::vector<std::string> warnings;
};

/// Errors: kInvalidArgument (not one strength for each kept face, or one outside 0..100); those of
/// codec::Decode and Encode.
Result<BlendedPhoto> BlendAgain(const BlendRequest& request);

}  // namespace gpen::restore
