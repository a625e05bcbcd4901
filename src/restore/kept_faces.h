// KeptFaces: what the network made of a photo's faces, as bytes to keep beside the result. With the
// original photo they are all that BlendAgain() needs, so no network runs again.
//
// About 460 KB for a face of 256 x 256: the aligned crops are not kept, because they can be made
// anew from the photo.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "restore/face_patch.h"

namespace gpen::restore {

struct KeptFaces {
  bool aligned = false;  ///< The photo itself was the face: its mask is the whole picture.
  /// As restored; after Parse `input` is empty, and `mask` where it was the outline of the
  /// landmarks: version 0.1.0 kept none.
  std::vector<FacePatch> patches;
};

/// Rounds a mask as it is kept, so that what is blended again is what was blended at first.
void RoundMask(Image* mask);

/// The network's pictures are rounded to 16 bits, the masks to 8; that of an aligned face is not
/// kept.
std::vector<std::byte> SerializeFaces(std::span<const FacePatch> patches, bool aligned);

/// Errors: kInternal for bytes that are not whole or not what SerializeFaces wrote.
Result<KeptFaces> ParseFaces(std::span<const std::byte> bytes);

}  // namespace gpen::restore
