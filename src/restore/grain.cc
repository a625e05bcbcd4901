#include "restore/grain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "restore/yuv.h"

namespace gpen::restore {
namespace {

constexpr int kBlock = 8;  // Pixels a side of what is measured at a time.
constexpr float kInFace = 0.6F;
constexpr float kAroundFace = 0.02F;
constexpr std::size_t kLeastBlocks = 6;
constexpr std::size_t kMostBlocks = 400;  // Of a large face every second is looked at, or fewer.
constexpr double kQuantile = 0.15;  // Of the blocks: those below are smooth in nearly any photo.
constexpr double kRich = 0.1;       // Of the blocks: those with most structure.
constexpr float kRichNoise = 2;     // The noise of the richest, which chance made so, as energy.
// The root of the quantile of white noise's energies to that of their mean.
constexpr float kPixelBias = 0.82F;
constexpr float kQuadBias = 0.70F;

// Of the deviation of all of it. Sharp photos without flaws show up to 2.5.
constexpr float kClean = 2.5F / 255;   // Up to this there is no grain.
constexpr float kGrainy = 4.0F / 255;  // From this on it is matched.
constexpr float kMatched = 0.75F;      // Of the photo's: a face may be a little cleaner.
constexpr float kLargestGrain = 10.0F / 255;

// A wide and light grain: white noise blurred by 1 4 6 4 1 in both directions, and brought back to
// a deviation of 1. What MeasureGrain finds of it, squared; of white noise it finds 1 and 1/4.
constexpr std::array kClump = {1.0F, 4.0F, 6.0F, 4.0F, 1.0F};
constexpr float kClumpEnergy = 70;
constexpr float kClumpAtPixel = 0.00444F;
constexpr float kClumpAtQuad = 0.1159F;

// A block and the two pixels about it that second differences of 2x2 pixels look at, as planes:
// luma, and where there are colours red and blue less luma.
constexpr int kRoom = 2;
constexpr int kSide = kBlock + 2 * kRoom;
using Plane = std::array<float, kSide * kSide>;

// What shows the block at `left`, `top`, which has its room in `photo`; how many planes that are.
template <typename Sample>
std::size_t ReadPlanes(ImageView photo, int left, int top, std::array<Plane, 3>* planes) {
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  const int step = photo.channels();
  const bool has_colors = step >= 3;
  std::size_t i = 0;
  for (int y = top - kRoom; y < top + kBlock + kRoom; ++y) {
    const Sample* pixel = photo.Row<Sample>(y) + (left - kRoom) * step;
    for (int x = 0; x < kSide; ++x, pixel += step, ++i) {
      const auto value = [&](int c) { return static_cast<float>(pixel[c]) / kUnit; };
      if (!has_colors) {
        (*planes)[0][i] = value(0);
        continue;
      }
      const float rgb[] = {value(0), value(1), value(2)};
      const Yuv yuv = ToYuv(rgb);
      (*planes)[0][i] = yuv.y;
      (*planes)[1][i] = yuv.v;
      (*planes)[2][i] = yuv.u;
    }
  }
  return has_colors ? 3 : 1;
}

// The mean square of the second differences, across and down, of a block of `size` values a side
// that begins one after `values`, whose rows are `stride` apart: 1 for white noise of deviation 1.
// No slope and no edge along an axis counts.
template <int size>
float Energy(const float* values, int stride) {
  std::array<std::array<float, size>, size + 2> across;
  for (std::size_t y = 0; y < size + 2; ++y, values += stride) {
    for (std::size_t x = 0; x < size; ++x) {
      across[y][x] = values[x] - 2 * values[x + 1] + values[x + 2];
    }
  }
  float sum = 0;
  for (std::size_t y = 0; y < size; ++y) {
    for (std::size_t x = 0; x < size; ++x) {
      const float value = across[y][x] - 2 * across[y + 1][x] + across[y + 2][x];
      sum += value * value;
    }
  }
  return sum / static_cast<float>(36 * size * size);
}

// The same of the means of 2x2 values.
float QuadEnergy(const Plane& plane) {
  constexpr int kQuads = kSide / 2;
  std::array<float, kQuads * kQuads> quads;
  for (int y = 0; y < kQuads; ++y) {
    for (int x = 0; x < kQuads; ++x) {
      const float* upper = &plane[static_cast<std::size_t>(2 * y * kSide + 2 * x)];
      const float* lower = upper + kSide;
      quads[static_cast<std::size_t>(y * kQuads + x)] =
          (upper[0] + upper[1] + lower[0] + lower[1]) / 4;
    }
  }
  return Energy<kBlock / 2>(quads.data(), kQuads);
}

struct Block {
  int left;
  int top;
};

// Those that have room about them.
template <typename Take>
void ForEachBlock(ImageView photo, const Take& take) {
  for (int top = kRoom; top + kBlock + kRoom <= photo.height(); top += kBlock) {
    for (int left = kRoom; left + kBlock + kRoom <= photo.width(); left += kBlock) {
      take(Block{left, top});
    }
  }
}

bool Fits(ImageView mask, GrainPlace place, const Block& block) {
  float least = 1;
  float most = 0;
  for (int y = block.top; y < block.top + kBlock; ++y) {
    const float* row = mask.Row<float>(y);
    const auto [low, high] = std::minmax_element(row + block.left, row + block.left + kBlock);
    least = std::min(least, *low);
    most = std::max(most, *high);
  }
  return place == GrainPlace::kInFace ? least >= kInFace : most <= kAroundFace;
}

// Black and white to which noise was cut off.
bool IsClipped(const Plane& luma) {
  constexpr float kDark = 3.0F / 255;
  constexpr float kLight = 252.0F / 255;
  for (int y = kRoom; y < kRoom + kBlock; ++y) {
    const float* row = &luma[static_cast<std::size_t>(y * kSide + kRoom)];
    const auto [least, most] = std::minmax_element(row, row + kBlock);
    if (*least < kDark || *most > kLight) return true;
  }
  return false;
}

float LevelOf(std::vector<float> energies, float bias) {
  const auto at = static_cast<std::ptrdiff_t>(kQuantile * static_cast<double>(energies.size()));
  std::nth_element(energies.begin(), energies.begin() + at, energies.end());
  return std::sqrt(energies[static_cast<std::size_t>(at)]) / bias;
}

// Energies of blocks, of some of their planes together.
struct Energies {
  std::vector<float> pixels;
  std::vector<float> quads;

  void Add(const std::array<Plane, 3>& planes, std::size_t first, std::size_t end) {
    float pixel = 0;
    float quad = 0;
    for (std::size_t p = first; p < end; ++p) {
      constexpr std::size_t kFirst = (kRoom - 1) * kSide + kRoom - 1;
      pixel += Energy<kBlock>(&planes[p][kFirst], kSide);
      quad += QuadEnergy(planes[p]);
    }
    pixels.push_back(pixel / static_cast<float>(end - first));
    quads.push_back(quad / static_cast<float>(end - first));
  }

  GrainLevel Level() const { return {LevelOf(pixels, kPixelBias), LevelOf(quads, kQuadBias)}; }

  // See Grain. `noise`: what Level() says.
  float Fineness(const GrainLevel& noise) const {
    std::vector<std::size_t> order(quads.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto rich =
        static_cast<std::size_t>(std::ceil(kRich * static_cast<double>(order.size())));
    std::ranges::nth_element(order, order.begin() + static_cast<std::ptrdiff_t>(rich) - 1,
                             std::ranges::greater(), [&](std::size_t i) { return quads[i]; });
    float pixel = 0;
    float quad = 0;
    for (std::size_t i = 0; i < rich; ++i) {
      pixel += pixels[order[i]];
      quad += quads[order[i]];
    }
    const auto count = static_cast<float>(rich);
    const float structure = quad / count - kRichNoise * noise.quad * noise.quad;
    if (structure <= 0) return 0;
    return std::clamp((pixel / count - noise.pixel * noise.pixel) / structure, 0.0F, 1.0F);
  }
};

// Deviations of white and of clumped noise.
struct Amounts {
  float white = 0;
  float clumped = 0;

  float Total() const { return std::hypot(white, clumped); }
};

// Those that show as these squares of levels.
Amounts AmountsOf(float pixel, float quad) {
  const float clumped = std::max(0.0F, (quad - pixel / 4) / (kClumpAtQuad - kClumpAtPixel / 4));
  const float white = std::max(0.0F, pixel - kClumpAtPixel * clumped);
  return {std::sqrt(white), std::sqrt(clumped)};
}

// The smaller one counts: what only one of the two has may be structure.
GrainLevel Wanted(const GrainLevel& around, const GrainLevel& in_face) {
  const GrainLevel level = {std::min(around.pixel, in_face.pixel),
                            std::min(around.quad, in_face.quad)};
  const float total = DeviationOf(level);
  if (total <= kClean) return {};
  const float part = std::min(kMatched * std::min((total - kClean) / (kGrainy - kClean), 1.0F),
                              kLargestGrain / total);
  return {level.pixel * part, level.quad * part};
}

Amounts Missing(const GrainLevel& wanted, const GrainLevel& found) {
  const auto lacking = [](float to, float from) { return std::max(0.0F, to * to - from * from); };
  return AmountsOf(lacking(wanted.pixel, found.pixel), lacking(wanted.quad, found.quad));
}

// About normal, of deviation 1, by its place alone.
float Random(int x, int y, std::uint32_t plane) {
  std::uint32_t h = static_cast<std::uint32_t>(x) * 0x9E3779B1U ^
                    static_cast<std::uint32_t>(y) * 0x85EBCA77U ^ (plane + 1) * 0xC2B2AE3DU;
  for (const std::uint32_t factor : {0x7FEB352DU, 0x846CA68BU}) {
    h ^= h >> 16;
    h *= factor;
  }
  h ^= h >> 15;
  // The sum of four bytes: mean 510, deviation 147.8.
  const std::uint32_t sum = (h & 255U) + (h >> 8 & 255U) + (h >> 16 & 255U) + (h >> 24);
  return (static_cast<float>(sum) - 510) / 147.8F;
}

// The noise of one plane, row by row from top to bottom.
class NoisePlane {
 public:
  NoisePlane(const Amounts& amounts, std::uint32_t plane, int left, int width)
      : amounts_(amounts),
        plane_(plane),
        left_(left),
        noise_(static_cast<std::size_t>(width)),
        white_(static_cast<std::size_t>(width) + kClump.size() - 1) {}

  // Of row `y` of the whole photo.
  const std::vector<float>& Row(int y) {
    constexpr int kReach = static_cast<int>(kClump.size()) / 2;
    std::fill(noise_.begin(), noise_.end(), 0.0F);
    if (amounts_.clumped > 0) {
      // Summed down first, then across.
      for (std::size_t i = 0; i < white_.size(); ++i) {
        white_[i] = 0;
        for (int k = -kReach; k <= kReach; ++k) {
          white_[i] += kClump[static_cast<std::size_t>(k + kReach)] *
                       Random(left_ + static_cast<int>(i) - kReach, y + k, 2 * plane_ + 1);
        }
      }
      for (std::size_t x = 0; x < noise_.size(); ++x) {
        for (std::size_t k = 0; k < kClump.size(); ++k) noise_[x] += kClump[k] * white_[x + k];
        noise_[x] *= amounts_.clumped / kClumpEnergy;
      }
    }
    if (amounts_.white > 0) {
      for (std::size_t x = 0; x < noise_.size(); ++x) {
        noise_[x] += amounts_.white * Random(left_ + static_cast<int>(x), y, 2 * plane_);
      }
    }
    return noise_;
  }

 private:
  Amounts amounts_;
  std::uint32_t plane_;
  int left_;
  std::vector<float> noise_;
  std::vector<float> white_;
};

template <typename Sample>
void Add(const std::array<Amounts, 2>& amounts, ImageView mask, int left, int top,
         MutableImageView photo) {
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  const int step = photo.channels();
  const bool has_colors = step >= 3;
  std::vector<NoisePlane> planes;
  for (std::uint32_t p = 0; p < (has_colors ? 3U : 1U); ++p) {
    planes.emplace_back(amounts[p == 0 ? 0 : 1], p, left, photo.width());
  }
  const auto add = [&](float noise, Sample* sample) {
    const float value = static_cast<float>(*sample) + noise * kUnit;
    *sample = static_cast<Sample>(std::clamp(value, 0.0F, kUnit) + 0.5F);
  };
  for (int y = 0; y < photo.height(); ++y) {
    std::array<const float*, 3> noise = {};
    for (std::size_t p = 0; p < planes.size(); ++p) noise[p] = planes[p].Row(top + y).data();
    const float* share = mask.Row<float>(y);
    Sample* pixel = photo.Row<Sample>(y);
    for (int x = 0; x < photo.width(); ++x, pixel += step) {
      // Where the face is mixed in by half, half of the photo's own noise is still there.
      const float m = std::clamp(share[x], 0.0F, 1.0F);
      if (m <= 0) continue;
      const float part = std::sqrt(m * (2 - m));
      const float luma = part * noise[0][x];
      if (!has_colors) {
        add(luma, pixel);
        continue;
      }
      float rgb[3];
      ToRgb({luma, part * noise[2][x], part * noise[1][x]}, rgb);
      for (int c = 0; c < 3; ++c) add(rgb[c], pixel + c);
    }
  }
}

// Of some of the blocks, where there are many.
std::optional<Grain> Measure(ImageView photo, const std::vector<Block>& blocks) {
  std::array<Plane, 3> planes;
  const auto read = [&](const Block& block) {
    return photo.type() == SampleType::kU8
               ? ReadPlanes<std::uint8_t>(photo, block.left, block.top, &planes)
               : ReadPlanes<std::uint16_t>(photo, block.left, block.top, &planes);
  };
  const std::size_t every = (blocks.size() + kMostBlocks - 1) / kMostBlocks;
  Energies luma;
  Energies chroma;
  for (std::size_t i = 0; i < blocks.size(); i += every) {
    const std::size_t count = read(blocks[i]);
    if (IsClipped(planes[0])) continue;
    luma.Add(planes, 0, 1);
    if (count == 3) chroma.Add(planes, 1, 3);
  }
  if (luma.pixels.size() < kLeastBlocks) return std::nullopt;
  Grain grain = {.luma = luma.Level()};
  grain.fineness = luma.Fineness(grain.luma);
  if (!chroma.pixels.empty()) grain.chroma = chroma.Level();
  return grain;
}

}  // namespace

std::optional<Grain> MeasureGrain(ImageView photo, ImageView mask, GrainPlace place) {
  std::vector<Block> blocks;
  ForEachBlock(photo, [&](const Block& block) {
    if (Fits(mask, place, block)) blocks.push_back(block);
  });
  return Measure(photo, blocks);
}

std::optional<Grain> MeasureGrain(ImageView photo) {
  std::vector<Block> blocks;
  ForEachBlock(photo, [&](const Block& block) { blocks.push_back(block); });
  return Measure(photo, blocks);
}

float DeviationOf(const GrainLevel& level) {
  return AmountsOf(level.pixel * level.pixel, level.quad * level.quad).Total();
}

Grain WantedGrain(const Grain& around, const Grain& in_face) {
  return {Wanted(around.luma, in_face.luma), Wanted(around.chroma, in_face.chroma)};
}

void AddGrain(const Grain& wanted, const Grain& found, ImageView mask, int left, int top,
              MutableImageView photo) {
  const std::array amounts = {Missing(wanted.luma, found.luma),
                              Missing(wanted.chroma, found.chroma)};
  const auto is_none = [](const Amounts& each) { return each.white <= 0 && each.clumped <= 0; };
  if (std::ranges::all_of(amounts, is_none)) return;
  if (photo.type() == SampleType::kU8) {
    Add<std::uint8_t>(amounts, mask, left, top, photo);
  } else {
    Add<std::uint16_t>(amounts, mask, left, top, photo);
  }
}

}  // namespace gpen::restore
