// The soft mask of a restored face made of what its pixels show: the face with ears, neck and
// glasses, and its hair. FaceMask() is the outline by landmarks alone.
#pragma once

#include "face/landmarks.h"
#include "image/image.h"

namespace gpen::face {

/// kF32 x 1, `size` x `size`, 0..1. `parts`: what FaceParser::Parse made of the crop. `landmarks`
/// are in pixels of the crop.
///
/// Where the network is sure it decides: hands, hats and other people are left out, also before the
/// face; hair counts that hangs together with the face. Where it is not, the outline of the
/// landmarks stands, and everywhere where it hardly sees a face inside of that. Towards the border
/// the mask fades to 0: hair and neck run out there.
Image ParsedMask(const Image& parts, const Landmarks& landmarks, int size);

}  // namespace gpen::face
