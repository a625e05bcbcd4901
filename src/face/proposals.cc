#include "face/proposals.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

#include "base/parallel.h"
#include "base/parallel_try.h"
#include "face/evening.h"
#include "face/tiling.h"
#include "image/resample.h"

namespace gpen::face {
namespace {

constexpr double kProposalScore = 0.7;
constexpr double kEvenedScore = 0.5;  // Of an evened tile: what is left of a face there is weaker.
constexpr double kEvenedBlur = 0.5;   // Pixels of the tile.
constexpr double kProposalIou = 0.3;

// `box` in pixels of the tile's level.
bool TouchesInnerEdge(const Box& box, const Tile& tile) {
  constexpr double kMargin = 2;
  return (tile.inner_left && box.left < tile.area.left + kMargin) ||
         (tile.inner_top && box.top < tile.area.top + kMargin) ||
         (tile.inner_right && box.right > tile.area.right() - kMargin) ||
         (tile.inner_bottom && box.bottom > tile.area.bottom() - kMargin);
}

// The part of `level` (kU8 or kU16) within `area` whose first channel has any structure, with some
// room around it; empty where there is none. Sky, walls and blurred backgrounds are most of many
// photos, and no face is as flat as they are.
template <typename Sample>
Rect DetailedPart(ImageView level, const Rect& area) {
  constexpr int kBlock = 8;  // Smaller than the smallest face that is looked for.
  constexpr int kRoom = 32;  // What is flat at a face's edges, and what the network sees around it.
  constexpr int kLeastRange = 12 * (std::numeric_limits<Sample>::max() / 255);
  const int channels = level.channels();
  int first_x = area.right();
  int end_x = area.left;
  int first_y = area.bottom();
  int end_y = area.top;
  for (int top = area.top; top + kBlock <= area.bottom(); top += kBlock) {
    for (int left = area.left; left + kBlock <= area.right(); left += kBlock) {
      // Nothing would be learned from a block inside of what is known.
      if (top < end_y && left >= first_x && left + kBlock <= end_x) {
        left += std::max(0, (end_x - left) / kBlock - 1) * kBlock;
        continue;
      }
      Sample low = std::numeric_limits<Sample>::max();
      Sample high = 0;
      for (int y = top; y < top + kBlock; ++y) {
        const Sample* sample = level.Row<Sample>(y) + left * channels;
        for (int x = 0; x < kBlock; ++x, sample += channels) {
          low = std::min(low, *sample);
          high = std::max(high, *sample);
        }
      }
      if (high - low < kLeastRange) continue;
      first_x = std::min(first_x, left);
      end_x = std::max(end_x, left + kBlock);
      first_y = std::min(first_y, top);
      end_y = std::max(end_y, top + kBlock);
    }
  }
  if (first_y >= end_y) return {};
  return Intersect(
      {first_x - kRoom, first_y - kRoom, end_x - first_x + 2 * kRoom, end_y - first_y + 2 * kRoom},
      area);
}

void AppendShifted(const std::vector<ScoredBox>& boxes, const Rect& part,
                   std::vector<ScoredBox>* target) {
  const Affine level_from_part = Translation({1.0 * part.left, 1.0 * part.top});
  for (const auto& box : boxes) target->push_back({Transform(box.box, level_from_part), box.score});
}

// A part of a tile that UltraFace looks at, in pixels of the tile's level.
struct Part {
  const Tile* tile;
  Rect area;
  bool evened;
};

// All of the tiles' parts that are not flat, each once as it is; and in parts that are small enough
// to have levels of their own, to be evened out where they are pale or noisy. What takes longest
// comes first.
std::vector<Part> PartsOf(const Tiling& tiling, std::span<const ImageView> levels, int threads) {
  std::vector<Rect> detailed(tiling.tiles.size());
  ParallelFor(static_cast<int>(tiling.tiles.size()), threads, [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    const Tile& tile = tiling.tiles[i];
    const ImageView& level = levels[static_cast<std::size_t>(tile.level)];
    detailed[i] = level.type() == SampleType::kU8 ? DetailedPart<std::uint8_t>(level, tile.area)
                                                  : DetailedPart<std::uint16_t>(level, tile.area);
  });
  std::vector<Part> parts;
  for (std::size_t i = 0; i < detailed.size(); ++i) {
    if (!detailed[i].empty()) parts.push_back({&tiling.tiles[i], detailed[i], false});
  }
  for (std::size_t i = 0, whole = parts.size(); i < whole; ++i) {
    for (const Rect& area : CutIntoParts(parts[i].area, UltraFace::kWidth, UltraFace::kHeight)) {
      parts.push_back({parts[i].tile, area, true});
    }
  }
  return parts;
}

// What UltraFace finds in a part, in pixels of its level.
Result<std::vector<ScoredBox>> SearchPart(const UltraFace& ultraface, ImageView level,
                                          const Part& part, UltraFace::Faces faces,
                                          std::stop_token stop) {
  std::vector<ScoredBox> found;
  if (!part.evened) {
    GPEN_ASSIGN_OR_RETURN(const auto boxes,
                          ultraface.Detect(level.Crop(part.area), kProposalScore, faces, stop));
    AppendShifted(boxes, part.area, &found);
    return found;
  }
  if (!IsPaleOrNoisy(level.Crop(part.area))) return found;
  const Image pixels = ExtractCrop(level, Translation({1.0 * part.area.left, 1.0 * part.area.top}),
                                   part.area.width, part.area.height);
  GPEN_ASSIGN_OR_RETURN(const auto boxes,
                        ultraface.Detect(EvenOut(pixels.view(), kEvenedBlur).view(), kEvenedScore,
                                         UltraFace::Faces::kAll, stop));
  AppendShifted(boxes, part.area, &found);
  return found;
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
  const std::vector<Part> parts = PartsOf(tiling, levels, threads);
  std::vector<std::vector<ScoredBox>> found(parts.size());
  const auto search = [&](int index) -> Result<void> {
    const auto i = static_cast<std::size_t>(index);
    const Tile& tile = *parts[i].tile;
    const ImageView& level = levels[static_cast<std::size_t>(tile.level)];
    // A face that is large here is smaller in the next level.
    const auto faces = &level == &levels.back() ? UltraFace::Faces::kAll : UltraFace::Faces::kSmall;
    GPEN_ASSIGN_OR_RETURN(const auto boxes, SearchPart(ultraface, level, parts[i], faces, stop));
    const Affine picture_from_level = {1.0 * picture.width() / level.width(),   0, 0, 0,
                                       1.0 * picture.height() / level.height(), 0};
    for (const auto& box : boxes) {
      if (TouchesInnerEdge(box.box, tile)) continue;
      found[i].push_back({Transform(box.box, picture_from_level), box.score});
    }
    return {};
  };
  GPEN_TRY(ParallelTry(static_cast<int>(parts.size()), threads, search));
  std::vector<ScoredBox> all;
  for (const auto& boxes : found) all.insert(all.end(), boxes.begin(), boxes.end());
  return SuppressNonMaxima(std::move(all), kProposalIou);
}

}  // namespace gpen::face
