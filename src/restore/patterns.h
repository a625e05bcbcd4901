// What the way into a file has laid over a picture: a video's rows, a print's dots, a paper's
// relief.
#pragma once

#include <stop_token>

#include "codec/photo.h"
#include "restore/restore_options.h"

namespace gpen::restore {

/// The patterns that were taken away.
struct Patterns {
  bool interlaced = false;  ///< A video's rows, of two moments: see restore/interlacing.h.
  double screen = 0;        ///< Pixels between the dots of a print: see restore/screen.h.

  double paper = 0;  ///< Pixels between the waves of a relief: restore/paper_texture.h.

  bool any() const { return interlaced || screen > 0 || paper > 0; }
};

/// Takes them away where `options` clean. Comes before anything else is done to a photo: damage and
/// faces are looked for in what it shows. Where `stop` is requested the photo is left half done.
Patterns RemovePatterns(const RestoreOptions& options, int threads, const std::stop_token& stop,
                        codec::Photo* photo);

}  // namespace gpen::restore
