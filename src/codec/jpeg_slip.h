// Whether the colours of a JPEG slip at some place and stay wrong from there on: damage inside the
// scan whose bits still decode. Each block says only how it differs from the one before, so that a
// wrong one shifts all that follow.
#pragma once

#include "codec/jpeg_scan.h"

namespace gpen::codec {

/// False for a slip that is small or lost in detail: a photo that is whole is not to be called
/// damaged.
bool ColorsSlip(const Scan& scan);

}  // namespace gpen::codec
