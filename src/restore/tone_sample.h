// ToneSample: the tones of a photo as few pixels: what fading and darkness are measured by.
//
// Means of small areas, so that grain and specks do not count; without the edge of a scanner's lid
// around a print, and without what is transparent.
#pragma once

#include <array>

#include "image/image.h"
#include "restore/channel_scale.h"

namespace gpen::restore {

using Rgb = std::array<double, 3>;

/// The pixels in one row, kF32 x 3 on the scale of `scale`; of a gray photo three equal channels.
/// `photo`: kU8 or kU16 with the channels of that scale and perhaps alpha. Empty where nothing is
/// opaque.
Image SampleTones(ImageView photo, const ChannelScale& scale);

/// The darkest and the lightest that there is, but for a few pixels.
struct TonalRange {
  Rgb black = {};  ///< Of each channel by itself.
  Rgb white = {};
  double black_luma = 0;
  double white_luma = 0;
};
TonalRange FindRange(const Image& sample);

/// The luma than which `part` (0..1) of the picture is darker. The sample must not be empty.
double LumaQuantile(const Image& sample, double part);

/// Which colour a light over the whole picture has, as factors of the channels about 1: by that
/// much even the pixels that are nearest to gray are off, in dark, middle and light parts alike.
/// All 1 where the parts disagree, or where gray lies among their colours: those are the subject's.
Rgb FindCast(const Image& sample);

}  // namespace gpen::restore
