// Pupils that a flash has made red, as in most snapshots of the 1990s.
#pragma once

#include "face/landmarks.h"
#include "image/affine.h"
#include "image/image.h"

namespace gpen::restore {

/// Makes a face's red pupils dark, catch-lights and irises stay, and returns how many there were.
/// A pupil is red where a round spot in the middle of an eye is far redder than what lies about it.
/// A coloured lens, with its dark middle, is not.
/// `photo`: of any type, floats in 0..1; it needs colours to have any. `photo_from_landmarks`: from
/// the landmarks' pixels to its own.
int CorrectRedEyes(const face::Landmarks& landmarks, const Affine& photo_from_landmarks,
                   MutableImageView photo);

}  // namespace gpen::restore
