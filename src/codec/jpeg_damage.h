// What libjpeg says of a JPEG's blocks when it has read them all: whether some were missing, could
// not be read, or were left over. These are blocks after a damaged code, which was read as others,
// so that the picture was full too early.
#pragma once

#include "codec/byte_reader.h"

namespace gpen::codec {

/// `file`: a JPEG whose header was read and found within the limits. Padding before its end mark is
/// no damage. False also where libjpeg gives up, which decoding tells better. Decodes an eighth of
/// the size: a part of what decoding takes. Throws std::bad_alloc.
bool IsDamagedInside(Bytes file);

}  // namespace gpen::codec
