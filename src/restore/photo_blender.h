// Blends faces that were restored earlier into their photo anew, each with a strength of its own.
// No face network runs. Only a photo that was changed as a whole is so once more.
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
#include "restore/photo_work.h"
#include "restore/restore_options.h"
#include "restore/whole_photo.h"

namespace gpen::restore {

struct BlendRequest {
  std::span<const std::byte> original;  ///< The photo that was restored.
  const KeptFaces* kept = nullptr;      ///< Of that restoration.
  std::vector<int> strengths;           ///< Of each kept face: 0..100 percent; 0 leaves it alone.
  Mode mode = Mode::kNatural;
  bool protect_tone = true;
  bool remove_place = false;  ///< The result does not tell where the photo was taken.
  codec::EncodeOptions encode;
  codec::Limits limits;
  /// How the photo was repaired, mended, cleaned or enlarged, and by what networks, which outlive
  /// the call.
  RestoreOptions whole;
  const WholePhoto* whole_photo = nullptr;
};

/// Errors: kInvalidArgument (not one strength for each kept face, or one outside 0..100); those of
/// codec::Decode and Encode, and of WholePhoto::Change.
Result<BlendedPhoto> BlendAgain(const BlendRequest& request);

}  // namespace gpen::restore
