// Pictures in high dynamic range (PQ or HLG, ITU-R BT.2100) as sRGB, for formats and screens that
// know no other.
#pragma once

#include "codec/photo.h"
#include "image/image.h"

namespace gpen::codec {

/// `pixels`: RGB or RGBA in the colours `coded`, whose transfer is PQ or HLG; in primaries that are
/// not stated they are taken as BT.2020's. Same size and type, sRGB. Tones up to the white of paper
/// keep their light, brighter ones are pressed together above it; alpha stays.
Image ToneMapped(ImageView pixels, const CodedColors& coded);

/// The light in 0..1 as which a signal in 0..1 of one channel is shown: for a profile that knows
/// channels alone. Goes up with the signal, so that the way back exists.
double ShownLight(double signal, int transfer);

}  // namespace gpen::codec
