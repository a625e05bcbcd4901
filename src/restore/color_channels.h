#pragma once

namespace gpen::restore {

/// Of a photo's 1 to 4 channels, those that are not alpha: an even number of them has it.
constexpr int ColorChannels(int channels) { return channels - (channels % 2 == 0 ? 1 : 0); }

}  // namespace gpen::restore
