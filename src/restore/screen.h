// The dots of which a printed picture is made: a newspaper's, a book's, a school's yearbook's.
#pragma once

#include <optional>

#include "codec/photo.h"
#include "image/image.h"

namespace gpen::restore {

/// Pixels from dot to dot of the screen that a picture was printed with, 2.5 to 12; nothing where
/// most of it shows none. Found as two equal waves across each other which stand far out of what
/// else the picture's parts have. `photo`: kU8 or kU16, 1 to 4 channels.
std::optional<double> MeasureScreen(ImageView photo, int threads);

/// Takes the dots away where there are any, and returns how far apart they were, 0 if there were
/// none. What is finer than they were never was in the print: the photo is
/// soft then, as MeasureBlur() finds.
double RemoveScreen(int threads, codec::Photo* photo);

}  // namespace gpen::restore
