#include "face/proposals.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "face/evening.h"
#include "face/parallel_try.h"
#include "face/tiling.h"
#include "image/resample.h"

namespace gpen::face {
namespace {

constexpr double kProposalScore = 0.7;
constexpr double kPaleScore = 0.5;  // Of an evened tile: what is left of a face there is weaker.
constexpr double kPaleBlur = 0.5;   // Pixels of the tile.
constexpr double kProposalIou = 0.3;

bool TouchesInnerEdge(const Box& box, const Tile& tile) {
  constexpr double kMargin = 2;
  return (tile.inner_left && box.left < kMargin) || (tile.inner_top && box.top < kMargin) ||
         (tile.inner_right && box.right > UltraFace::kWidth - kMargin) ||
         (tile.inner_bottom && box.bottom > UltraFace::kHeight - kMargin);
}

// Whether the first channel of `tile` (kU8 or kU16) has any structure: sky, walls and blurred
// backgrounds are most of many photos, and no face is as flat as they are.
template <typename Sample>
bool HasDetail(ImageView tile) {
  constexpr int kBlock = 8;  // Smaller than the smallest face that is looked for.
  constexpr int kLeastRange = 12 * (std::numeric_limits<Sample>::max() / 255);
  const int channels = tile.channels();
  for (int top = 0; top + kBlock <= tile.height(); top += kBlock) {
    for (int left = 0; left + kBlock <= tile.width(); left += kBlock) {
      Sample low = std::numeric_limits<Sample>::max();
      Sample high = 0;
      for (int y = top; y < top + kBlock; ++y) {
        const Sample* sample = tile.Row<Sample>(y) + left * channels;
        for (int x = 0; x < kBlock; ++x, sample += channels) {
          low = std::min(low, *sample);
          high = std::max(high, *sample);
        }
      }
      if (high - low >= kLeastRange) return true;
    }
  }
  return false;
}

// What UltraFace finds in one tile, in pixels of the tile.
Result<std::vector<ScoredBox>> SearchTile(const UltraFace& ultraface, ImageView level,
                                          const Tile& tile, std::stop_token stop) {
  const Rect area =
      Intersect({static_cast<int>(tile.level_from_tile.x0),
                 static_cast<int>(tile.level_from_tile.y0), UltraFace::kWidth, UltraFace::kHeight},
                level.bounds());
  const bool detail = level.type() == SampleType::kU8 ? HasDetail<std::uint8_t>(level.Crop(area))
                                                      : HasDetail<std::uint16_t>(level.Crop(area));
  if (!detail) return std::vector<ScoredBox>();
  const Image pixels =
      ExtractCrop(level, tile.level_from_tile, UltraFace::kWidth, UltraFace::kHeight);
  if (!IsPale(pixels.view())) return ultraface.Detect(pixels.view(), kProposalScore, stop);
  return ultraface.Detect(EvenOut(pixels.view(), kPaleBlur).view(), kPaleScore, stop);
}

// The levels of `tiling`, as views of the pyramid or of `enlarged`.
std::vector<ImageView> MakeLevels(const Tiling& tiling, ImagePyramid* pyramid, Image* enlarged) {
  const ImageView picture = pyramid->smallest();
  std::vector<ImageView> levels;
  for (const auto& level : tiling.levels) {
    if (level.width > picture.width()) {  // The whole picture is smaller than a tile.
      *enlarged = Resize(picture, level.width, level.height);
      levels.push_back(enlarged->view());
    } else {
      levels.push_back(pyramid->Reduce(level.width, level.height));
    }
  }
  return levels;
}

}  // namespace

Result<std::vector<ScoredBox>> ProposeFaces(const UltraFace& ultraface, ImagePyramid* pyramid,
                                            int threads, std::stop_token stop) {
  const ImageView picture = pyramid->smallest();
  const Tiling tiling =
      CutIntoTiles(picture.width(), picture.height(), UltraFace::kWidth, UltraFace::kHeight);
  Image enlarged;
  const std::vector<ImageView> levels = MakeLevels(tiling, pyramid, &enlarged);
  std::vector<std::vector<ScoredBox>> found(tiling.tiles.size());
  const auto search = [&](int index) -> Result<void> {
    const auto i = static_cast<std::size_t>(index);
    const Tile& tile = tiling.tiles[i];
    const ImageView level = levels[static_cast<std::size_t>(tile.level)];
    GPEN_ASSIGN_OR_RETURN(const auto boxes, SearchTile(ultraface, level, tile, stop));
    const Affine picture_from_tile = Affine{1.0 * picture.width() / level.width(),   0, 0, 0,
                                            1.0 * picture.height() / level.height(), 0} *
                                     tile.level_from_tile;
    for (const auto& box : boxes) {
      if (TouchesInnerEdge(box.box, tile)) continue;
      found[i].push_back({Transform(box.box, picture_from_tile), box.score});
    }
    return {};
  };
  GPEN_TRY(ParallelTry(static_cast<int>(tiling.tiles.size()), threads, search));
  std::vector<ScoredBox> all;
  for (const auto& boxes : found) all.insert(all.end(), boxes.begin(), boxes.end());
  return SuppressNonMaxima(std::move(all), kProposalIou);
}

}  // namespace gpen::face
