#include "restore/interlacing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <vector>

#include "base/parallel.h"
#include "restore/color_channels.h"
#include "restore/luma_levels.h"

namespace gpen::restore {
namespace {

constexpr int kMostColumns = 2048;
constexpr int kMostRows = 1200;
// A tile, in which all moves alike. Its rows begin with an even one.
constexpr int kTileWidth = 32;
constexpr int kTileRows = 16;
constexpr int kOddRows = kTileRows / 2;
constexpr int kLeastMost = 16;     // Pixels of movement that are looked for, at least,
constexpr int kWidthToMost = 45;   // and a part of the width.
constexpr float kLeastMisfit = 5;  // Levels of 255.
constexpr float kFits = 0.6F;      // Of the misfit without movement.
// Of the tiles that do not fit, how many must fit when they are moved, and how many by about as
// much: in 900 photos, noisy and compressed ones too, one tile at most.
constexpr double kLeastShare = 0.2;
constexpr int kLeastTiles = 4;
constexpr int kAlike = 2;        // Pixels of movement.
constexpr int kNear = 3;         // Pixels to each side, over which it is told what fits best.
constexpr float kAsItIs = 0.5F;  // Levels by which what is moved must fit better.
constexpr float kOvershoot = 6;  // Levels of 255 beyond the rows above and below.

struct Tile {
  bool misfits = false;  // The odd rows do not lie between the even ones.
  bool moved = false;    // They do once they are moved along.
  int movement = 0;      // Pixels.
};

// The brightness of a photo in tiles, of which it has room for one at least. Those at the right and
// lower edge reach to it.
class Tiles {
 public:
  Tiles(ImageView photo, int threads)
      : luma_(LumaLevels(photo, photo.bounds())),
        columns_(photo.width() / kTileWidth),
        rows_(photo.height() / kTileRows),
        tiles_(static_cast<std::size_t>(columns_ * rows_)) {
    ParallelFor(rows_, threads, [this](int row) {
      for (int column = 0; column < columns_; ++column) At(column, row) = Look(column, row);
    });
  }

  int columns() const { return columns_; }
  int rows() const { return rows_; }
  const Image& luma() const { return luma_; }
  std::span<const Tile> all() const { return tiles_; }
  const Tile& At(int column, int row) const {
    return tiles_[static_cast<std::size_t>(row * columns_ + column)];
  }

 private:
  Tile& At(int column, int row) {
    return tiles_[static_cast<std::size_t>(row * columns_ + column)];
  }

  // Of a tile's odd rows that have an even one below them, how many levels they are off the mean of
  // the even ones, when they are moved.
  float Misfit(int left, int top, int count, int movement) const {
    float sum = 0;
    for (int i = 0; i < count; ++i) {
      const int y = top + 2 * i + 1;
      const float* above = luma_.Row<float>(y - 1) + left;
      const float* odd = luma_.Row<float>(y) + left + movement;
      const float* below = luma_.Row<float>(y + 1) + left;
      for (int x = 0; x < kTileWidth; ++x) sum += std::abs(odd[x] - 0.5F * (above[x] + below[x]));
    }
    return sum / static_cast<float>(count * kTileWidth);
  }

  // How much one even row differs from the next.
  float WithinField(int left, int top, int count) const {
    float sum = 0;
    for (int i = 0; i < count; ++i) {
      const float* above = luma_.Row<float>(top + 2 * i) + left;
      const float* below = luma_.Row<float>(top + 2 * i + 2) + left;
      for (int x = 0; x < kTileWidth; ++x) sum += std::abs(above[x] - below[x]);
    }
    return sum / static_cast<float>(count * kTileWidth);
  }

  Tile Look(int column, int row) const {
    const int left = column * kTileWidth;
    const int top = row * kTileRows;
    const int count = std::min(kOddRows, (luma_.height() - 1 - top) / 2);
    const float as_it_is = Misfit(left, top, count, 0);
    Tile tile;
    tile.misfits = as_it_is > std::max(kLeastMisfit, WithinField(left, top, count));
    if (!tile.misfits) return tile;
    const int most = std::max(kLeastMost, luma_.width() / kWidthToMost);
    float best = as_it_is;
    for (int movement = std::max(-most, -left);
         movement <= std::min(most, luma_.width() - kTileWidth - left); ++movement) {
      const float misfit = Misfit(left, top, count, movement);
      if (misfit >= best) continue;
      best = misfit;
      tile.movement = movement;
    }
    tile.moved = best < kFits * as_it_is;
    return tile;
  }

  Image luma_;
  int columns_;
  int rows_;
  std::vector<Tile> tiles_;
};

bool AreInterlaced(const Tiles& tiles) {
  int misfits = 0;
  int moved = 0;
  std::map<int, int> movements;
  for (const Tile& tile : tiles.all()) {
    misfits += tile.misfits ? 1 : 0;
    if (!tile.moved) continue;
    ++moved;
    ++movements[tile.movement];
  }
  int most_alike = 0;
  for (const auto& [movement, count] : movements) {
    int alike = 0;
    for (int other = movement - kAlike; other <= movement + kAlike; ++other) {
      if (const auto found = movements.find(other); found != movements.end()) {
        alike += found->second;
      }
    }
    most_alike = std::max(most_alike, alike);
  }
  return most_alike >= kLeastTiles && moved >= kLeastShare * misfits;
}

// A tile's odd rows, moved where that fits and kept between the even ones about them. `photo` is
// changed in place: what is read of the odd row itself is its copy.
template <typename Sample>
class Mender {
 public:
  Mender(const Tiles& tiles, MutableImageView photo) : tiles_(tiles), photo_(photo) {}

  // All odd rows of a row of tiles.
  void Mend(int tile_row) const {
    std::vector<std::vector<int>> movements;
    bool any = false;
    for (int column = 0; column < tiles_.columns(); ++column) {
      movements.push_back(MovementsAbout(column, tile_row));
      any = any || !movements.back().empty();
    }
    if (!any) return;
    const int end = tile_row + 1 < tiles_.rows() ? (tile_row + 1) * kTileRows : photo_.height();
    const auto samples = static_cast<std::size_t>(photo_.width() * photo_.channels());
    std::vector<Sample> before(samples);
    for (int y = tile_row * kTileRows + 1; y < end; y += 2) {
      std::copy_n(photo_.Row<Sample>(y), samples, before.data());
      for (int column = 0; column < tiles_.columns(); ++column) {
        const auto& tried = movements[static_cast<std::size_t>(column)];
        if (tried.empty()) continue;
        const int left = column * kTileWidth;
        const int right = column + 1 < tiles_.columns() ? left + kTileWidth : photo_.width();
        MendPart(y, left, right, tiles_.At(column, tile_row).misfits, tried, before);
      }
    }
  }

 private:
  // What is tried in a tile: those of it and its neighbours, and none. Nothing where all fit.
  std::vector<int> MovementsAbout(int column, int row) const {
    std::vector<int> found = {0};
    bool any = false;
    for (int y = std::max(0, row - 1); y <= std::min(tiles_.rows() - 1, row + 1); ++y) {
      for (int x = std::max(0, column - 1); x <= std::min(tiles_.columns() - 1, column + 1); ++x) {
        const Tile& tile = tiles_.At(x, y);
        any = any || tile.misfits;
        if (tile.moved) found.push_back(tile.movement);
      }
    }
    if (!any) return {};
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

  // Pixels `left` to `end` of row `y`, each moved by what fits best about it.
  void MendPart(int y, int left, int end, bool misfits_here, const std::vector<int>& tried,
                const std::vector<Sample>& before) const {
    const int last_row = photo_.height() - 1;
    const int above = y - 1;
    const int below = y < last_row ? y + 1 : above;
    const auto misfits = [&](int x, int movement) {
      const int width = photo_.width();
      const float* odd = tiles_.luma().Row<float>(y);
      const float middle =
          0.5F * (tiles_.luma().Row<float>(above)[x] + tiles_.luma().Row<float>(below)[x]);
      return std::abs(odd[std::clamp(x + movement, 0, width - 1)] - middle);
    };
    std::vector<float> best(static_cast<std::size_t>(end - left),
                            std::numeric_limits<float>::infinity());
    std::vector<int> chosen(best.size());
    for (const int movement : tried) {
      std::vector<float> misfit;  // From kNear pixels before the part to kNear behind it.
      for (int x = left - kNear; x < end + kNear; ++x) {
        misfit.push_back(misfits(std::clamp(x, 0, photo_.width() - 1), movement));
      }
      for (std::size_t i = 0; i < best.size(); ++i) {
        float sum = movement == 0 ? 0 : kAsItIs * (2 * kNear + 1);
        for (std::size_t k = 0; k <= 2 * kNear; ++k) sum += misfit[i + k];
        if (sum >= best[i]) continue;
        best[i] = sum;
        chosen[i] = movement;
      }
    }
    const int channels = photo_.channels();
    const int colors = ColorChannels(channels);
    constexpr int kBeyond = static_cast<int>(kOvershoot * std::numeric_limits<Sample>::max() / 255);
    for (int x = left; x < end; ++x) {
      const int movement = chosen[static_cast<std::size_t>(x - left)];
      if (movement == 0 && !misfits_here) continue;  // Only a neighbour's rows do not fit.
      const int from = std::clamp(x + movement, 0, photo_.width() - 1);
      for (int c = 0; c < colors; ++c) {
        const int one = photo_.Row<Sample>(above)[x * channels + c];
        const int other = photo_.Row<Sample>(below)[x * channels + c];
        const int value = before[static_cast<std::size_t>(from * channels + c)];
        const int low = std::max(0, std::min(one, other) - kBeyond);
        const int high =
            std::min<int>(std::numeric_limits<Sample>::max(), std::max(one, other) + kBeyond);
        photo_.Row<Sample>(y)[x * channels + c] = static_cast<Sample>(std::clamp(value, low, high));
      }
    }
  }

  const Tiles& tiles_;
  MutableImageView photo_;
};

template <typename Sample>
void MendAll(const Tiles& tiles, int threads, MutableImageView photo) {
  const Mender<Sample> mender(tiles, photo);
  ParallelFor(tiles.rows(), threads, [&](int row) { mender.Mend(row); });
}

bool MayBeInterlaced(ImageView photo) {
  return photo.width() >= kTileWidth && photo.width() <= kMostColumns &&
         photo.height() > kTileRows && photo.height() <= kMostRows;
}

}  // namespace

bool RemoveInterlacing(int threads, codec::Photo* photo) {
  const ImageView pixels = photo->pixels.view();
  if (!MayBeInterlaced(pixels)) return false;
  const Tiles tiles(pixels, threads);
  if (!AreInterlaced(tiles)) return false;
  if (pixels.type() == SampleType::kU8) {
    MendAll<std::uint8_t>(tiles, threads, photo->pixels.mutable_view());
  } else {
    MendAll<std::uint16_t>(tiles, threads, photo->pixels.mutable_view());
  }
  return true;
}

}  // namespace gpen::restore
