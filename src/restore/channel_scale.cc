#include "restore/channel_scale.h"

#include <algorithm>
#include <limits>

#include "codec/color_transform.h"

namespace gpen::restore {
namespace {

// Every value once, the same in all colour channels.
template <typename Sample>
Image NeutralRamp(int channels) {
  const int count = std::numeric_limits<Sample>::max() + 1;
  Image ramp(count, 1, channels, kSampleTypeOf<Sample>);
  auto* sample = ramp.Row<Sample>(0);
  for (int value = 0; value < count; ++value) {
    sample = std::fill_n(sample, channels, static_cast<Sample>(value));
  }
  return ramp;
}

}  // namespace

Result<ChannelScale> ChannelScale::Of(const codec::Photo& photo) {
  ChannelScale scale;
  scale.channels_ = photo.color_channels();
  const Image ramp = photo.pixels.type() == SampleType::kU8
                         ? NeutralRamp<std::uint8_t>(scale.channels_)
                         : NeutralRamp<std::uint16_t>(scale.channels_);
  // What is wrong with the profile is said where the faces are read.
  GPEN_ASSIGN_OR_RETURN(const auto colors, codec::ColorTransform::Create(photo, nullptr));
  GPEN_ASSIGN_OR_RETURN(const Image tones, colors.ToSrgb(ramp.view()));
  const auto* tone = tones.Row<float>(0);
  for (std::size_t channel = 0; channel < static_cast<std::size_t>(scale.channels_); ++channel) {
    auto& up = scale.up_[channel];
    up.resize(static_cast<std::size_t>(tones.width()));
    float highest = 0;  // A scale does not turn back.
    for (std::size_t value = 0; value < up.size(); ++value) {
      highest = std::max(highest, std::min(tone[3 * value + channel], 1.0F));
      up[value] = highest;
    }
  }
  return scale;
}

int ChannelScale::Down(int channel, float tone) const {
  const auto& up = up_[static_cast<std::size_t>(channel)];
  const auto above = std::ranges::lower_bound(up, tone);
  if (above == up.begin()) return 0;
  if (above == up.end()) return most();
  const auto below = above - 1;
  return static_cast<int>((tone - *below < *above - tone ? below : above) - up.begin());
}

std::vector<std::uint16_t> ChannelScale::Table(int channel,
                                               const std::function<double(double)>& curve) const {
  std::vector<std::uint16_t> table(up_[0].size());
  for (std::size_t value = 0; value < table.size(); ++value) {
    const float tone = Up(channel, static_cast<int>(value));
    table[value] = static_cast<std::uint16_t>(Down(channel, static_cast<float>(curve(tone))));
  }
  return table;
}

}  // namespace gpen::restore
