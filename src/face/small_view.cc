#include "face/small_view.h"

#include <algorithm>
#include <array>

namespace gpen::face {
namespace {

// What UltraFace sees about the middle of a square of kHeight pixels. The rest says little of what
// is there, but for where little is seen at all.
struct SmallView {
  int width;
  int height;

  Affine SquareFromTile() const {
    return Translation({(UltraFace::kHeight - width) / 2.0, (UltraFace::kHeight - height) / 2.0});
  }
};
constexpr SmallView kNarrowView = {UltraFace::kSmallWidth, UltraFace::kSmallHeight};
constexpr SmallView kWideView = {UltraFace::kWidth, UltraFace::kHeight};

// UltraFace's best score for a face in the middle of `tile`, where it is kHeight / `factor` large.
Result<double> CentralScore(const UltraFace& ultraface, ImageView tile, double factor,
                            std::stop_token stop) {
  GPEN_ASSIGN_OR_RETURN(const auto boxes,
                        ultraface.Detect(tile, 0.01, UltraFace::Faces::kAll, stop));
  double best = 0;
  for (const auto& box : boxes) {
    const Point offset = box.box.center() - Point{tile.width() / 2.0, tile.height() / 2.0};
    const double reach = UltraFace::kHeight / factor / 3;
    if (Length(offset) < reach) best = std::max(best, box.score);
  }
  return best;
}

}  // namespace

Result<double> SmallViewScore(const UltraFace& ultraface, const FaceView& photo, const Pose& pose,
                              double needed, std::stop_token stop) {
  constexpr std::array kSides = {6.0, 8.0, 10.0};  // Of the square, in sides of the face.
  constexpr int kViews = 2 * static_cast<int>(kSides.size());
  const SmallView view = photo.is_evened() ? kWideView : kNarrowView;
  double sum = 0;
  int views_left = kViews;
  for (const double factor : kSides) {
    for (const bool mirrored : {false, true}) {
      if (sum + views_left < needed * kViews) return sum / kViews;  // A score is at most 1.
      --views_left;
      Affine photo_from_tile =
          SquareCrop(pose.center, pose.side * factor, pose.roll_degrees, UltraFace::kHeight) *
          view.SquareFromTile();
      if (mirrored) photo_from_tile = photo_from_tile * Mirrored(view.width);
      const Image tile = photo.Crop(photo_from_tile, view.width, view.height, pose.side);
      GPEN_ASSIGN_OR_RETURN(const double score, CentralScore(ultraface, tile.view(), factor, stop));
      sum += score;
    }
  }
  return sum / kViews;
}

Result<double> Glance(const UltraFace& ultraface, const FaceView& photo,
                      const Affine& photo_from_picture, const Box& candidate,
                      std::stop_token stop) {
  constexpr double kSides = 6;  // Of the square, in sides of the candidate.
  const SmallView view = photo.is_evened() ? kWideView : kNarrowView;
  const double side = std::max(candidate.width(), candidate.height());
  const Affine photo_from_tile =
      photo_from_picture * SquareCrop(candidate.center(), side * kSides, 0, UltraFace::kHeight) *
      view.SquareFromTile();
  const Image tile =
      photo.Crop(photo_from_tile, view.width, view.height, side * photo_from_picture.Scale());
  return CentralScore(ultraface, tile.view(), kSides, stop);
}

}  // namespace gpen::face
