// Proposals: the places in a picture that UltraFace takes for faces. Too many: CheckFaces decides.
#pragma once

#include <stop_token>
#include <vector>

#include "base/result.h"
#include "face/box.h"
#include "face/ultraface.h"
#include "image/image_pyramid.h"

namespace gpen::face {

/// Searches the smallest picture of `pyramid` at several sizes, and reduces it further on the way.
/// What has no detail is left out, what is pale is evened out. Boxes in pixels of that picture,
/// freed of overlaps. Errors: those of UltraFace::Detect.
Result<std::vector<ScoredBox>> ProposeFaces(const UltraFace& ultraface, ImagePyramid* pyramid,
                                            int threads, std::stop_token stop);

}  // namespace gpen::face
