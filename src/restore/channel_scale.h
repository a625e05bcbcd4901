// ChannelScale: the values that a photo's samples can have, on a scale that all photos share: what
// such a value is in sRGB where the pixel is neutral (0 black, 1 white, even steps look even).
//
// Curves that are found on this scale become tables of the photo's own values, so that a photo in
// Adobe RGB, Display P3 or with linear samples is changed as one in sRGB is, and stays in its
// space.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "codec/photo.h"

namespace gpen::restore {

class ChannelScale {
 public:
  /// A profile that cannot be used counts as sRGB. Errors: those of ColorTransform.
  static Result<ChannelScale> Of(const codec::Photo& photo);

  int channels() const { return channels_; }
  int most() const { return static_cast<int>(up_[0].size()) - 1; }  ///< 255 or 65535.

  /// Of the sample `value` in colour channel `channel`.
  float Up(int channel, int value) const {
    return up_[static_cast<std::size_t>(channel)][static_cast<std::size_t>(value)];
  }
  /// The sample value that comes nearest to `tone`.
  int Down(int channel, float tone) const;

  /// For each value that a sample of `channel` can have, the one that `curve` makes of it.
  std::vector<std::uint16_t> Table(int channel, const std::function<double(double)>& curve) const;

 private:
  int channels_ = 3;  ///< Colour channels: 1 or 3.
  std::array<std::vector<float>, 3> up_;
};

}  // namespace gpen::restore
