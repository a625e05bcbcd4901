// Taking out of a photo's metadata where it was taken, before it is shown to others.
#pragma once

#include "codec/photo.h"

namespace gpen::codec {

/// Removes what tells where the photo was taken: the GPS part of EXIF, whose bytes are overwritten;
/// GPS positions and names of places in XMP and IPTC; and, since they have metadata of their own,
/// the extended part of XMP, and what follows the picture, which is then named in the photo's
/// losses. Whether there was any of it.
///
/// Not looked into: MakerNotes, comments, the data of other programs, and the picture.
bool RemovePlace(Photo* photo);

}  // namespace gpen::codec
