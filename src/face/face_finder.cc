#include "face/face_finder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "base/parallel.h"
#include "face/face_models.h"
#include "face/face_selection.h"
#include "face/tiling.h"
#include "image/resample.h"

namespace gpen::face {
namespace {

constexpr double kProposalScore = 0.7;
constexpr double kProposalIou = 0.3;
constexpr int kMaxSearchSide = 2048;  // Pixels of the picture that is searched.

Box Transform(const Box& box, const Affine& map) {
  const Point a = map({box.left, box.top});
  const Point b = map({box.right, box.bottom});
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y)};
}

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

// Keeps the first error of parallel work.
class FirstError {
 public:
  void Set(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  std::optional<Error> Take() { return std::move(error_); }

 private:
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace

FaceFinder::FaceFinder(FaceNetworks networks, int threads)
    : networks_(std::move(networks)), threads_(threads) {}

Result<FaceFinder> FaceFinder::Create(const std::filesystem::path& models_folder, int threads) {
  GPEN_ASSIGN_OR_RETURN(auto ultraface_network, LoadFaceModel(models_folder, kUltraFace));
  GPEN_ASSIGN_OR_RETURN(auto ultraface, UltraFace::Create(std::move(ultraface_network)));
  GPEN_ASSIGN_OR_RETURN(auto blazeface_network, LoadFaceModel(models_folder, kBlazeFace));
  GPEN_ASSIGN_OR_RETURN(auto blazeface, BlazeFace::Create(std::move(blazeface_network)));
  GPEN_ASSIGN_OR_RETURN(auto landmark_network, LoadFaceModel(models_folder, kLandmarks));
  GPEN_ASSIGN_OR_RETURN(auto landmarks, LandmarkNet::Create(std::move(landmark_network)));
  return FaceFinder({std::move(ultraface), std::move(blazeface), std::move(landmarks)}, threads);
}

// Candidates in pixels of the smallest picture of `pyramid`, which is reduced further on the way.
Result<std::vector<ScoredBox>> FaceFinder::Propose(ImagePyramid* pyramid,
                                                   std::stop_token stop) const {
  const ImageView picture = pyramid->smallest();
  const Tiling tiling =
      CutIntoTiles(picture.width(), picture.height(), UltraFace::kWidth, UltraFace::kHeight);
  std::vector<ImageView> levels;
  Image enlarged;  // Where the whole picture is smaller than a tile.
  for (const auto& level : tiling.levels) {
    if (level.width > picture.width()) {
      enlarged = Resize(picture, level.width, level.height);
      levels.push_back(enlarged.view());
    } else {
      levels.push_back(pyramid->Reduce(level.width, level.height));
    }
  }
  std::vector<std::vector<ScoredBox>> found(tiling.tiles.size());
  FirstError error;
  ParallelFor(static_cast<int>(tiling.tiles.size()), threads_, [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    const Tile& tile = tiling.tiles[i];
    const ImageView& level = levels[static_cast<std::size_t>(tile.level)];
    const Rect part = level.type() == SampleType::kU8
                          ? DetailedPart<std::uint8_t>(level, tile.area)
                          : DetailedPart<std::uint16_t>(level, tile.area);
    if (part.empty()) return;
    // A face that is large here is smaller in the next level.
    const bool is_last = &level == &levels.back();
    auto boxes = networks_.ultraface.Detect(
        level.Crop(part), kProposalScore,
        is_last ? UltraFace::Faces::kAll : UltraFace::Faces::kSmall, stop);
    if (!boxes) return error.Set(std::move(boxes).error());
    const Affine level_from_part = Translation({1.0 * part.left, 1.0 * part.top});
    const Affine picture_from_level = {1.0 * picture.width() / level.width(),   0, 0, 0,
                                       1.0 * picture.height() / level.height(), 0};
    for (const auto& box : *boxes) {
      const Box in_level = Transform(box.box, level_from_part);
      if (TouchesInnerEdge(in_level, tile)) continue;
      found[i].push_back({Transform(in_level, picture_from_level), box.score});
    }
  });
  if (auto first = error.Take()) return std::move(*first);
  std::vector<ScoredBox> all;
  for (const auto& boxes : found) all.insert(all.end(), boxes.begin(), boxes.end());
  return SuppressNonMaxima(std::move(all), kProposalIou);
}

// Faces in pixels of the photo, each once.
Result<std::vector<DetectedFace>> FaceFinder::Confirm(const ImagePyramid& photo,
                                                      const Affine& photo_from_picture,
                                                      const std::vector<ScoredBox>& candidates,
                                                      std::stop_token stop) const {
  std::vector<std::optional<DetectedFace>> checked(candidates.size());
  FirstError error;
  ParallelFor(static_cast<int>(candidates.size()), threads_, [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    auto face = CheckFace(networks_, photo, photo_from_picture, candidates[i].box, stop);
    if (!face) return error.Set(std::move(face).error());
    checked[i] = *face;
  });
  if (auto first = error.Take()) return std::move(*first);
  std::vector<DetectedFace> faces;
  for (const auto& face : checked) {
    if (face) faces.push_back(*face);
  }
  return MergeDuplicates(std::move(faces));
}

Result<FoundFaces> FaceFinder::Find(ImagePyramid* photo, const FindOptions& options,
                                    std::stop_token stop) const {
  const ImageView full = photo->full();
  // A whole factor: averaging whole blocks of pixels is several times faster.
  const int factor = (std::max(full.width(), full.height()) + kMaxSearchSide - 1) / kMaxSearchSide;
  const ImageView picture =
      photo->Reduce(std::max(1, full.width() / factor), std::max(1, full.height() / factor));
  const Affine photo_from_picture =
      ResizeMap(1.0 * full.width() / picture.width(), 1.0 * full.height() / picture.height());
  FoundFaces found;
  GPEN_ASSIGN_OR_RETURN(const auto candidates, Propose(photo, stop));
  GPEN_ASSIGN_OR_RETURN(found.faces, Confirm(*photo, photo_from_picture, candidates, stop));
  if (LooksTurned(found.faces)) {
    GPEN_TRY(FindTurned(*photo, photo_from_picture, picture, stop, &found));
  }
  SelectLargest(options, &found);
  return found;
}

// The turn under which the faces look most like faces; none where that is the photo as it is.
Result<void> FaceFinder::FindTurned(const ImagePyramid& photo, const Affine& photo_from_picture,
                                    ImageView picture, std::stop_token stop,
                                    FoundFaces* found) const {
  double best = TotalScore(found->faces);
  for (const int turns : {1, 3, 2}) {
    const Image turned = Rotate(picture, turns);
    const Affine photo_from_turned =
        photo_from_picture * RotateMap(picture.width(), picture.height(), turns);
    ImagePyramid pyramid(turned.view());
    GPEN_ASSIGN_OR_RETURN(const auto candidates, Propose(&pyramid, stop));
    GPEN_ASSIGN_OR_RETURN(auto faces, Confirm(photo, photo_from_turned, candidates, stop));
    const double total = TotalScore(faces);
    if (total <= best) continue;
    best = total;
    found->faces = std::move(faces);
    found->quarter_turns = turns;
  }
  return {};
}

}  // namespace gpen::face
