// Pupils that a flash has made red, as in most snapshots of the 1990s.
#pragma once

#include "face/landmarks.h"
#include "image/image.h"

namespace gpen::restore {

/// Makes a face's red pupils dark, catch-lights and irises stay, and returns how many there were.
/// A pupil is red where a round spot in the middle of an eye is far redder than what lies about it.
/// A coloured lens, with its dark middle, is not.
/// `landmarks`: in pixels of `photo`, kU8 or kU16, which needs colours to have any.
int CorrectRedEyes(const face::Landmarks& landmarks, MutableImageView photo);

}  // namespace gpen::restore
