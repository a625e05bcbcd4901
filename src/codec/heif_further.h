// The further pictures of a HEIC or AVIF (gain map, depth map, mattes) as they are coded: taken out
// of a photo's file with what is said of them, and put into its result's. Not its transparency,
// which is a channel of the pixels.
//
// libheif 1.15 can neither read a coded picture nor write one that it has not encoded, nor refer
// from one item to another: this is done with the boxes themselves (ISO/IEC 23008-12).
#pragma once

#include <optional>
#include <vector>

#include "codec/byte_reader.h"
#include "codec/photo.h"

namespace gpen::codec {

/// The pictures that refer to the photo, and those and the metadata that belong to them. Those that
/// are not whole are left out; so is what says how a gain map is to be applied ("tmap") where it is
/// turned otherwise than the photo; the turn is taken off it, for a result is upright. Where the
/// photo is turned or mirrored and a picture says nothing of its own, it is turned alike.
std::vector<HeifItemCopy> FurtherItems(Bytes heif);

/// What says how a gain map is applied states the size of its photo: that of the result.
void SetToneMapSize(int width, int height, std::vector<HeifItemCopy>* items);

/// `heif`, a file that libheif has written, with `items`, which refer to its photo. Nothing where
/// its boxes are others than libheif writes.
std::optional<std::vector<std::byte>> WithFurtherItems(Bytes heif,
                                                       const std::vector<HeifItemCopy>& items);

}  // namespace gpen::codec
