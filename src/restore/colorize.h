// What a colorization network needs beside its run: a photo that can hold colours, and colours
// without the network's own idea of light and shade.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "codec/photo.h"
#include "image/image.h"

namespace gpen::restore {

/// Makes a gray photo an RGB one in sRGB with the same look; its gray profile is taken away. Leaves
/// other photos alone. Errors: those of ColorTransform.
Result<void> MakeRoomForColors(codec::Photo* photo, std::vector<std::string>* warnings);

/// `picture` (kF32 x 3, sRGB) without its colours: Rec. 601 luma in all three channels.
void RemoveColors(MutableImageView picture);

/// Gives `picture` the luma of `original` (both kF32 x 3, of one size) and leaves its colours.
void KeepLuma(ImageView original, MutableImageView picture);

}  // namespace gpen::restore
