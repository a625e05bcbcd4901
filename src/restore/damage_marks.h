// Which pixels of a photo are to be filled, by how surely each is damaged.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// How sure, of 255, a place is to be for RestoreOptions::repair, `percent` from 1 to 100, in a
/// photo that is full of damage: the less the more is wanted.
int LeastSureness(int percent);

/// The same in the photo that `sure` (as below) is of. One with little that is surely damaged has
/// hardly any more: what looks a little like damage is a glint, a mole or a pattern there,
/// and stays, unless more than 50 percent are asked for; with 100 it does not.
int LeastSurenessIn(ImageView sure, int percent);

/// `sure`: kU8, one channel, of 255: how surely each pixel is damaged. A place reaches as far as
/// pixels that may be damaged do (diagonally too). It is marked where its surest pixel and the mean
/// of all of them are `least` in the mean: a long faint line may be surer than a bright point. One
/// pixel further is marked too, where damage is hardly seen but leaves a line. The result is of its
/// size, 0 or 255.
Image MarkDamage(ImageView sure, int least);

}  // namespace gpen::restore
