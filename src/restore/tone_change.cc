#include "restore/tone_change.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "base/parallel.h"
#include "restore/yuv.h"

namespace gpen::restore {
namespace {

class ToneChange {
 public:
  ToneChange(const std::function<double(double)>& curve, ChromaChange chroma,
             const ChannelScale& scale)
      : scale_(scale),
        chroma_(chroma),
        last_(static_cast<float>(scale.most() == 255 ? 4095 : 65535)) {
    const auto steps = static_cast<std::size_t>(last_) + 1;
    luma_.resize(steps);
    for (auto& down : down_) down.resize(steps);
    for (std::size_t i = 0; i < steps; ++i) {
      const float tone = static_cast<float>(i) / last_;
      luma_[i] = static_cast<float>(curve(tone));
      for (int c = 0; c < scale.channels(); ++c) {
        down_[static_cast<std::size_t>(c)][i] = static_cast<std::uint16_t>(scale.Down(c, tone));
      }
    }
  }

  template <typename Sample>
  void Apply(Sample* pixel) const {
    if (scale_.channels() == 1) {
      *pixel = static_cast<Sample>(down_[0][Step(luma_[Step(scale_.Up(0, *pixel))])]);
      return;
    }
    std::array<float, 3> tone;
    for (std::size_t c = 0; c < 3; ++c) tone[c] = scale_.Up(static_cast<int>(c), pixel[c]);
    const float luma = Luma(tone.data());
    const float moved = luma_[Step(luma)];
    const float part = ChromaPart(tone, luma, moved);
    for (std::size_t c = 0; c < 3; ++c) {
      pixel[c] = static_cast<Sample>(down_[c][Step(moved + part * (tone[c] - luma))]);
    }
  }

 private:
  float ChromaPart(const std::array<float, 3>& tone, float luma, float moved) const {
    if (chroma_ != ChromaChange::kScaled) return chroma_ == ChromaChange::kKept ? 1.0F : 0.0F;
    const float most = *std::ranges::max_element(tone) - luma;
    const float scaled = moved / std::max(luma, 1.0F / last_);
    return most * scaled > 1 - moved ? (1 - moved) / most : scaled;
  }

  std::size_t Step(float tone) const {
    return static_cast<std::size_t>(std::clamp(tone, 0.0F, 1.0F) * last_ + 0.5F);
  }

  const ChannelScale& scale_;
  ChromaChange chroma_;
  float last_;
  std::vector<float> luma_;                         // The new one for each step of the old one.
  std::array<std::vector<std::uint16_t>, 3> down_;  // ChannelScale::Down() for each step.
};

template <typename Sample>
void ApplyTo(const ToneChange& change, MutableImageView strip) {
  for (int y = 0; y < strip.height(); ++y) {
    auto* sample = strip.Row<Sample>(y);
    for (int x = 0; x < strip.width(); ++x, sample += strip.channels()) change.Apply(sample);
  }
}

}  // namespace

Result<void> ForEachRowStrip(MutableImageView pixels, int threads, std::stop_token stop,
                             const std::function<void(MutableImageView strip)>& work) {
  constexpr int kRows = 64;
  ParallelFor((pixels.height() + kRows - 1) / kRows, threads, [&](int i) {
    if (stop.stop_requested()) return;
    work(pixels.Crop({0, i * kRows, pixels.width(), std::min(kRows, pixels.height() - i * kRows)}));
  });
  if (stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped on request");
  return {};
}

Result<void> ChangeLuma(const std::function<double(double)>& curve, ChromaChange chroma,
                        const ChannelScale& scale, int threads, std::stop_token stop,
                        MutableImageView pixels) {
  const ToneChange change(curve, chroma, scale);
  return ForEachRowStrip(pixels, threads, stop, [&](MutableImageView strip) {
    strip.type() == SampleType::kU8 ? ApplyTo<std::uint8_t>(change, strip)
                                    : ApplyTo<std::uint16_t>(change, strip);
  });
}

}  // namespace gpen::restore
