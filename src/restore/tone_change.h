// ToneChange: a photo's luma moved by a curve, and what becomes of its colours then.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/result.h"
#include "image/image.h"
#include "restore/channel_scale.h"

namespace gpen::restore {

enum class ChromaChange : std::uint8_t {
  kKept,     ///< The difference of the channels to luma stays.
  kDropped,  ///< It is taken away: the pixel is gray.
  kScaled,   ///< It becomes as much larger as luma, as far as there is room: the colour stays.
};

/// Calls `work` for strips of rows of `pixels`, on `threads` threads. Errors: kCancelled.
Result<void> ForEachRowStrip(MutableImageView pixels, int threads, std::stop_token stop,
                             const std::function<void(MutableImageView strip)>& work);

/// `pixels`: kU8 or kU16 with the channels of `scale` and perhaps alpha, which is left alone.
/// `curve`: of luma on that scale, 0..1. Errors: kCancelled.
Result<void> ChangeLuma(const std::function<double(double)>& curve, ChromaChange chroma,
                        const ChannelScale& scale, int threads, std::stop_token stop,
                        MutableImageView pixels);

}  // namespace gpen::restore
