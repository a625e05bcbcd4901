// How much of the networks' cleaning suits a photo. Too much takes its detail, too little leaves
// its noise: what there is of it is measured.
#pragma once

#include "codec/photo.h"
#include "image/image.h"

namespace gpen::restore {

/// The amount of cleaning with which the photo comes nearest to what it was, more than 0 and up to
/// 1 as PhotoNetwork::Run() counts: by the noise of its smooth parts and the quality of the JPEG
/// that it is or was, both as the pixels show them now.
double NeededCleaning(const codec::Photo& photo);

/// The same of a face by the noise that it shows; 0 where none can be measured. `face`: kU8 or
/// kU16; `mask` (kF32 x 1, as large) says where in it the face is.
double NeededCleaning(ImageView face, ImageView mask);

/// The amount for RestoreOptions::clean, `percent`: for 50 what is needed, for 100 twice that.
double CleaningAmount(int percent, double needed);

}  // namespace gpen::restore
