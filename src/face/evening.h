// Evening out: a dark, faded or noisy crop as the networks that look for faces see it best: gray,
// without the noise, its levels stretched. Only for looking: what is restored are the photo's own
// pixels.
//
// All crops are kF32 in 0..1 with 1 to 4 channels, where nothing else is said.
#pragma once

#include "image/image.h"

namespace gpen::face {

/// Whether a crop about one face is so dark, faded or noisy that a network may not see the face.
bool IsBad(ImageView crop);

/// Whether a part of a photo (kU8 or kU16) has so little contrast, or so much noise for it, that
/// faces may be missed there. Looks at a ninth of its pixels.
bool IsPaleOrNoisy(ImageView picture);

/// `crop` as one channel, blurred by `sigma` pixels (above 0), its darkest and lightest parts taken
/// to 0 and 1 and its middle to a middle gray.
Image EvenOut(ImageView crop, double sigma);

}  // namespace gpen::face
