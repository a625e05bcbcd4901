#include "restore/luma_levels.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace gpen::restore {
namespace {

template <typename Sample>
Image Levels(ImageView photo, const Rect& part) {
  constexpr float kUnit = std::numeric_limits<Sample>::max() / 255.0F;
  const int channels = photo.channels();
  Image levels(part.width, part.height, 1, SampleType::kF32);
  for (int y = 0; y < part.height; ++y) {
    const Sample* sample = photo.Row<Sample>(part.top + y) + std::ptrdiff_t{part.left} * channels;
    float* level = levels.Row<float>(y);
    for (int x = 0; x < part.width; ++x, sample += channels) {
      const float sum = channels < 3 ? 4.0F * sample[0]
                                     : static_cast<float>(sample[0] + 2 * sample[1] + sample[2]);
      level[x] = sum / (4 * kUnit);
    }
  }
  return levels;
}

std::vector<int> Starts(int length, int side, int most, int step) {
  const int count = std::clamp(length / side, 1, most);
  const int room = std::max(0, length - side);
  std::vector<int> starts;
  for (int i = 0; i < count; ++i) {
    starts.push_back((count == 1 ? 0 : room / (count - 1) * i) / step * step);
  }
  return starts;
}

}  // namespace

Image LumaLevels(ImageView photo, const Rect& part) {
  return photo.type() == SampleType::kU8 ? Levels<std::uint8_t>(photo, part)
                                         : Levels<std::uint16_t>(photo, part);
}

std::vector<Rect> SpreadTiles(ImageView photo, int side, int most, int step) {
  std::vector<Rect> tiles;
  for (const int top : Starts(photo.height(), side, most, step)) {
    for (const int left : Starts(photo.width(), side, most, step)) {
      tiles.push_back(Intersect({left, top, side, side}, photo.bounds()));
    }
  }
  return tiles;
}

}  // namespace gpen::restore
