// Whose pixel it is where the masks of faces overlap: hair of one person must not be painted by the
// restoration of another.
#pragma once

#include <vector>

#include "restore/face_patch.h"

namespace gpen::restore {

/// Lowers the masks of `patches` where they overlap in the photo, so that two of them are at most 1
/// together: a pixel belongs to the face whose middle is nearer, measured in that face's size, with
/// a soft change halfway. The order of the patches does not matter.
void ShareMasks(std::vector<FacePatch>* patches);

}  // namespace gpen::restore
