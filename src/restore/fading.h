// Fading: an old print has lost its deepest black, its white has yellowed and dimmed, and its dyes
// have gone at different rates. Measured from the photo itself, and undone as far as that is sure.
//
// No network: curves for the channels, found on a small copy and applied to every pixel. Where a
// photo is not faded they hardly do anything; how far they go at most: kMost... in the .cc.
#pragma once

#include <array>
#include <stop_token>

#include "base/result.h"
#include "codec/photo.h"
#include "restore/restore_options.h"

namespace gpen::restore {

/// What was found, and whether anything was changed. Tones on ChannelScale's scale.
struct MendedFading {
  int percent = 0;             ///< As asked for.
  Sepia sepia = Sepia::kKeep;  ///< As asked for.
  bool changed = false;        ///< Some pixel of the photo may be another one now.
  bool one_tone = false;       ///< The photo is sepia, or has another single tone that is not gray.
  std::array<double, 3> black = {};  ///< The darkest of each channel, 0..1.
  std::array<double, 3> white = {1, 1, 1};
};

/// Undoes `options.fading` percent of what the photo has lost, and takes the tone from one that is
/// of one tone where `options.sepia` says so. Gray stays gray, alpha is left alone, and a photo in
/// which nothing is to be mended is not touched. Rows are changed on `threads` threads.
///
/// Errors: kCancelled, those of ColorTransform.
Result<MendedFading> MendFading(const RestoreOptions& options, int threads, std::stop_token stop,
                                codec::Photo* photo);

}  // namespace gpen::restore
