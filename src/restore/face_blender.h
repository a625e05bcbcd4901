// Puts restored faces back into the photo. Only the faces' own rectangles are touched.
#pragma once

#include <vector>

#include "base/result.h"
#include "codec/color_transform.h"
#include "image/image.h"
#include "restore/face_patch.h"
#include "restore/restore_options.h"

namespace gpen::restore {

/// The finished picture of a face at the crop's size: `output` after tone protection and texture.
Image FinishFace(const FacePatch& patch, const RestoreOptions& options);

/// Blends every patch into `photo` (any channels, kU8 or kU16, in the space of `colors`; alpha is
/// left alone). Where the face has more pixels than the crop, those aside that enlarging by
/// `options` gave it, only the network's change is enlarged and added, so that the photo keeps its
/// finer detail. Where faces overlap, the earlier patch goes
/// first and no pixel is blended twice. A face that is cleaner than the photo around it gets grain
/// like the photo's (grain.h). The result does not depend on `threads`.
///
/// Errors: those of ColorTransform.
Result<void> BlendFaces(const std::vector<FacePatch>& patches, const RestoreOptions& options,
                        const codec::ColorTransform& colors, int threads, MutableImageView photo);

/// Moves patches of a photo to where they lie in `photo`, which is that photo cleaned and `scale`
/// times as large: their places, and the crops that they are a change of. Errors: those of
/// ColorTransform.
Result<void> MoveIntoEnlarged(int scale, ImageView photo, const codec::ColorTransform& colors,
                              std::vector<FacePatch>* patches);

}  // namespace gpen::restore
