// Whether a JPEG is damaged inside: what its coded blocks say that no encoder writes, colours that
// slip, and, where they are not read by us, what libjpeg says when it has read them all.
#pragma once

#include "codec/byte_reader.h"

namespace gpen::codec {

/// `file`: a JPEG whose header was read and found within the limits. Padding before its end mark is
/// no damage. False also where the decoder gives up, which decoding tells better. Reads the coded
/// blocks and makes no pixels: a part of what decoding takes. Throws std::bad_alloc.
bool IsDamagedInside(Bytes file);

}  // namespace gpen::codec
