// Whether the colours of a decoded JPEG slip at some place and stay wrong from there on: damage
// inside the scan whose bits still decode. Each block says only how it differs from the one
// before, so that a wrong one shifts all that follow.
#pragma once

#include "codec/photo.h"
#include "image/image.h"

namespace gpen::codec {

/// `upright`: U8, decoded from a JPEG with these traits, which was turned by `orientation`. False
/// for a slip that is small or lost in detail: a photo that is whole is not to be called damaged.
bool ColorsSlip(ImageView upright, int orientation, const JpegTraits& traits);

}  // namespace gpen::codec
