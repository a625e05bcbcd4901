// Faces of a photo that is out of focus: the networks that find faces know sharper ones.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "face/face_finder.h"
#include "image/image.h"
#include "restore/whole_photo.h"

namespace gpen::restore {

/// Adds to what was found in `photo`, if that is blurred and small, the clear faces that show in a
/// sharpened copy. Of a photo with more pixels the faces have so many that they are found anyway.
/// Nothing where the network that sharpens is not installed. Errors: those of SharpenPhoto() and
/// FaceFinder::FindMore().
Result<void> FindMoreInSoft(const face::FaceFinder& finder, const WholePhoto& whole_photo,
                            ImageView photo, const face::FindOptions& options, int threads,
                            std::stop_token stop, face::FoundFaces* found);

}  // namespace gpen::restore
