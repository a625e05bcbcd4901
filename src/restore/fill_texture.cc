#include "restore/fill_texture.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>

#include "restore/photo_strips.h"

namespace gpen::restore {
namespace {

constexpr int kBlock = 32;
constexpr int kRing = 4;             // Pixels about what is unknown, by which places are compared.
constexpr int kAbout[] = {14, 42};   // Of the block: how far that is looked at; the second where
constexpr std::size_t kEnough = 40;  // there are fewer pixels in the first.
constexpr std::size_t kMostCompared = 256;  // Pixels, of more every second, third and so on.
constexpr double kLeastKnown = 0.97;        // Of a block, at the place that it is copied from.
constexpr double kLeastCompared = 0.4;      // Of the ring.
constexpr int kDistances[] = {5, 7, 10, 14, 19, 26, 35, 47, 62};
// Of the variance about the block, that of the difference: copied wholly up to the first, and not
// from the second on.
constexpr double kAlike = 0.05;
constexpr double kUnlike = 0.2;
constexpr double kLeastVariance = 1.5e-7;  // A tenth of a level.
constexpr float kMostGrain = 2.5F;         // Deviations: beyond them it is an edge.
constexpr int kCopied = 16;  // Pixels about a block in which the difference is filled.
constexpr int kFeather = 4;  // To both sides of a block's border, where it passes into the next.
// Grain is finer than what is left by so many means over squares of so many pixels: nearly a
// Gaussian blur of 2.5.
constexpr int kMeans = 3;
constexpr int kMeanReach = 2;

struct Place {
  int x;
  int y;
};

std::vector<Place> MakeOffsets() {
  std::vector<Place> offsets;
  for (const int distance : kDistances) {
    const int count = distance < 9 ? 8 : distance < 20 ? 12 : 16;
    for (int k = 0; k < count; ++k) {
      const double angle = 2 * std::numbers::pi * (k + (distance % 2 == 0 ? 0 : 0.5)) / count;
      offsets.push_back({static_cast<int>(std::lround(distance * std::cos(angle))),
                         static_cast<int>(std::lround(distance * std::sin(angle)))});
    }
  }
  return offsets;
}

void Add(const Known& value, float sign, Known* sum) {
  for (std::size_t i = 0; i < sum->size(); ++i) (*sum)[i] += sign * value[i];
}

// Sums over `reach` pixels to both sides, along rows and then along columns.
FillLevel SquareSums(const FillLevel& level, int reach) {
  FillLevel rows(level.width, level.height);
  for (int y = 0; y < level.height; ++y) {
    Known sum = {};
    for (int x = -reach; x < level.width; ++x) {
      if (x + reach < level.width) Add(level.At(x + reach, y), 1, &sum);
      if (x > reach) Add(level.At(x - reach - 1, y), -1, &sum);
      if (x >= 0) rows.At(x, y) = sum;
    }
  }
  FillLevel sums(level.width, level.height);
  std::vector<Known> column(static_cast<std::size_t>(level.width));
  for (int y = -reach; y < level.height; ++y) {
    for (int x = 0; x < level.width; ++x) {
      Known& sum = column[static_cast<std::size_t>(x)];
      if (y + reach < level.height) Add(rows.At(x, y + reach), 1, &sum);
      if (y > reach) Add(rows.At(x, y - reach - 1), -1, &sum);
      if (y >= 0) sums.At(x, y) = sum;
    }
  }
  return sums;
}

// Which pixels are known and have an unknown one within kRing to both sides.
std::vector<std::uint8_t> RingOf(const FillLevel& known) {
  const FillLevel sums = SquareSums(known, kRing);
  const Rect bounds = {0, 0, known.width, known.height};
  std::vector<std::uint8_t> ring;
  ring.reserve(known.pixels.size());
  for (int y = 0; y < known.height; ++y) {
    for (int x = 0; x < known.width; ++x) {
      const Rect square = Grown({x, y, 1, 1}, kRing, bounds);
      const auto all = static_cast<float>(square.width * square.height);
      ring.push_back(known.Knows(x, y) && sums.At(x, y)[kFillColors] < all ? 1 : 0);
    }
  }
  return ring;
}

// What is finer than means of what is known; nothing elsewhere.
FillLevel FineOf(const FillLevel& known) {
  FillLevel low = SquareSums(known, kMeanReach);
  for (int i = 1; i < kMeans; ++i) low = SquareSums(low, kMeanReach);
  FillLevel fine(known.width, known.height);
  for (std::size_t i = 0; i < known.pixels.size(); ++i) {
    const Known& is = known.pixels[i];
    if (is[kFillColors] <= 0) continue;
    for (std::size_t c = 0; c < kFillColors; ++c) {
      fine.pixels[i][c] = is[c] - low.pixels[i][c] / low.pixels[i][kFillColors];
    }
  }
  return fine;
}

class Texture {
 public:
  Texture(const FillLevel& known, const std::vector<std::uint8_t>& wanted, const FillLevel& filled)
      : known_(known),
        wanted_(wanted),
        filled_(filled),
        bounds_{0, 0, known.width, known.height},
        made_(known.width, known.height),
        ring_(RingOf(known)),
        fine_(FineOf(known)) {}

  // Of a block's pixels, and of those to which it passes over.
  void Make(const Rect& block) {
    const auto hole = PixelsIn(Grown(block, kFeather, bounds_), wanted_);
    if (hole.empty()) return;
    std::vector<Known> colors;
    colors.reserve(hole.size());
    for (const Place& at : hole) colors.push_back(filled_.At(at.x, at.y));
    Fill(block, hole, &colors);
    for (std::size_t i = 0; i < hole.size(); ++i) {
      const float weight = WeightOf(hole[i].x - block.left) * WeightOf(hole[i].y - block.top);
      Known& sum = made_.At(hole[i].x, hole[i].y);
      for (std::size_t c = 0; c < kFillColors; ++c) sum[c] += weight * colors[i][c];
      sum[kFillColors] += weight;
    }
  }

  void PutInto(FillLevel* filled) const {
    for (std::size_t i = 0; i < made_.pixels.size(); ++i) {
      const Known& made = made_.pixels[i];
      if (made[kFillColors] <= 0) continue;
      for (std::size_t c = 0; c < kFillColors; ++c) {
        filled->pixels[i][c] = made[c] / made[kFillColors];
      }
    }
  }

 private:
  struct Chosen {
    Place offset;
    double difference;  // Its variance.
  };

  void Fill(const Rect& block, const std::vector<Place>& hole, std::vector<Known>* colors) const {
    std::vector<Place> about;
    for (const int reach : kAbout) {
      about = PixelsIn(Grown(block, reach, bounds_), ring_);
      if (about.size() >= kEnough) break;
    }
    if (about.size() < kEnough / 2) return;
    about = Thinned(about);
    const auto chosen = Choose(Thinned(hole), about);
    if (!chosen) return;
    const auto [offset, difference] = *chosen;
    const double alike = difference / (VarianceOf(about) + kLeastVariance);
    const double copied = std::clamp((kUnlike - alike) / (kUnlike - kAlike), 0.0, 1.0);
    AddGrain(hole, offset, MostGrain(about), colors);
    if (copied > 0) Copy(hole, offset, block, static_cast<float>(copied), colors);
  }

  // Of a pixel of a block, `at` pixels from its begin.
  static float WeightOf(int at) {
    const auto inside = static_cast<float>(std::min(at, kBlock - 1 - at) + kFeather) + 0.5F;
    return std::clamp(inside / (2 * kFeather), 0.0F, 1.0F);
  }

  float Luma(int x, int y) const { return LumaOf(known_.At(x, y).data(), 1); }
  std::size_t Index(const Place& at) const {
    return static_cast<std::size_t>(at.y) * static_cast<std::size_t>(known_.width) +
           static_cast<std::size_t>(at.x);
  }
  std::vector<Place> PixelsIn(const Rect& rect, const std::vector<std::uint8_t>& of) const {
    std::vector<Place> pixels;
    for (int y = rect.top; y < rect.bottom(); ++y) {
      for (int x = rect.left; x < rect.right(); ++x) {
        if (of[Index({x, y})] != 0) pixels.push_back({x, y});
      }
    }
    return pixels;
  }

  static std::vector<Place> Thinned(const std::vector<Place>& pixels) {
    const std::size_t step = (pixels.size() + kMostCompared - 1) / kMostCompared;
    std::vector<Place> thinned;
    for (std::size_t i = 0; i < pixels.size(); i += step) thinned.push_back(pixels[i]);
    return thinned;
  }

  std::optional<Chosen> Choose(const std::vector<Place>& hole,
                               const std::vector<Place>& about) const {
    static const std::vector<Place> kOffsets = MakeOffsets();
    std::optional<Chosen> best;
    for (const Place& offset : kOffsets) {
      const auto knows = [&](const Place& at) {
        return known_.Knows(at.x + offset.x, at.y + offset.y);
      };
      const auto there = static_cast<double>(std::ranges::count_if(hole, knows));
      if (there < kLeastKnown * static_cast<double>(hole.size())) continue;
      double count = 0;
      double sum = 0;
      double squares = 0;
      for (const Place& at : about) {
        if (!knows(at)) continue;
        const double difference = Luma(at.x, at.y) - Luma(at.x + offset.x, at.y + offset.y);
        count += 1;
        sum += difference;
        squares += difference * difference;
      }
      if (count < kLeastCompared * static_cast<double>(about.size())) continue;
      const double variance = squares / count - (sum / count) * (sum / count);
      if (!best || variance < best->difference) best = {offset, variance};
    }
    return best;
  }

  double VarianceOf(const std::vector<Place>& pixels) const {
    double sum = 0;
    double squares = 0;
    for (const Place& at : pixels) {
      const double luma = Luma(at.x, at.y);
      sum += luma;
      squares += luma * luma;
    }
    const auto count = static_cast<double>(pixels.size());
    return squares / count - (sum / count) * (sum / count);
  }

  // Of each colour, by the median of what is about the block: what edges are there counts little.
  Known MostGrain(const std::vector<Place>& about) const {
    constexpr float kDeviation = 1.4826F;  // Of a normal distribution, for its median.
    Known most = {};
    std::vector<float> sizes(about.size());
    for (std::size_t c = 0; c < kFillColors; ++c) {
      std::ranges::transform(about, sizes.begin(),
                             [&](const Place& at) { return std::abs(fine_.At(at.x, at.y)[c]); });
      const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
      std::ranges::nth_element(sizes, middle);
      most[c] = kMostGrain * kDeviation * *middle;
    }
    return most;
  }

  void AddGrain(const std::vector<Place>& hole, const Place& offset, const Known& most,
                std::vector<Known>* colors) const {
    for (std::size_t i = 0; i < hole.size(); ++i) {
      const Place from = {hole[i].x + offset.x, hole[i].y + offset.y};
      if (!known_.Knows(from.x, from.y)) continue;
      const Known& grain = fine_.At(from.x, from.y);
      for (std::size_t c = 0; c < kFillColors; ++c) {
        (*colors)[i][c] += std::clamp(grain[c], -most[c], most[c]);
      }
    }
  }

  // What is at the offset, and the difference to it about the block filled smoothly.
  void Copy(const std::vector<Place>& hole, const Place& offset, const Rect& block, float part,
            std::vector<Known>* colors) const {
    const Rect around = Grown(block, kCopied, bounds_);
    FillLevel difference(around.width, around.height);
    for (int y = around.top; y < around.bottom(); ++y) {
      for (int x = around.left; x < around.right(); ++x) {
        if (!known_.Knows(x, y) || !known_.Knows(x + offset.x, y + offset.y)) continue;
        const Known& here = known_.At(x, y);
        const Known& there = known_.At(x + offset.x, y + offset.y);
        Known& to = difference.At(x - around.left, y - around.top);
        for (std::size_t c = 0; c < kFillColors; ++c) to[c] = here[c] - there[c];
        to[kFillColors] = 1;
      }
    }
    if (!FillUnknown(&difference)) return;
    for (std::size_t i = 0; i < hole.size(); ++i) {
      const Place from = {hole[i].x + offset.x, hole[i].y + offset.y};
      if (!known_.Knows(from.x, from.y)) continue;
      const Known& there = known_.At(from.x, from.y);
      const Known& more = difference.At(hole[i].x - around.left, hole[i].y - around.top);
      Known& to = (*colors)[i];
      for (std::size_t c = 0; c < kFillColors; ++c) to[c] += part * (there[c] + more[c] - to[c]);
    }
  }

  const FillLevel& known_;
  const std::vector<std::uint8_t>& wanted_;
  const FillLevel& filled_;
  Rect bounds_;
  FillLevel made_;  // Colours times weight, and the weight.
  std::vector<std::uint8_t> ring_;
  FillLevel fine_;
};

}  // namespace

void AddTexture(const FillLevel& known, const std::vector<std::uint8_t>& wanted, const Rect& area,
                FillLevel* filled) {
  Texture texture(known, wanted, *filled);
  // A block beside the area passes into it.
  const auto first = [](int begin) { return begin < kBlock ? begin : begin - kBlock; };
  for (int y = first(area.top); y < std::min(area.bottom() + kFeather, known.height); y += kBlock) {
    for (int x = first(area.left); x < std::min(area.right() + kFeather, known.width);
         x += kBlock) {
      texture.Make({x, y, kBlock, kBlock});
    }
  }
  texture.PutInto(filled);
}

}  // namespace gpen::restore
