#include "face/face_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace gpen::face {
namespace {

// Thresholds measured on photos with and without people, see docs/adr/0004.
constexpr double kBlazeScore = 0.65;
constexpr double kCropSides[] = {1.8, 2.6};  // Of the candidate's box; the second is a retry.
constexpr double kLandmarkCropSide = 1.05;   // Of the refined box.
constexpr double kClearScore = 0.75;
constexpr double kClearUnrest = 0.025;
constexpr double kUprightWeight = 1.5;
constexpr double kEvidence = 1.80;

// Map from a `size` x `size` crop to a square of `side` pixels about `center`, turned by `degrees`.
Affine SquareCrop(Point center, double side, double degrees, int size) {
  const double middle = (size - 1) / 2.0;
  return Translation(center) * RotationAndScale(degrees, side / size) *
         Translation({-middle, -middle});
}

Affine Mirrored(int width) { return {-1, 0, width - 1.0, 0, 1, 0}; }

double RollDegrees(Point left_eye, Point right_eye) {
  const Point eyes = right_eye - left_eye;
  return std::atan2(eyes.y, eyes.x) * 180 / std::numbers::pi;
}

// A candidate as BlazeFace sees it: everything in pixels of the photo.
struct Pose {
  Point center;
  double side = 0;
  double roll_degrees = 0;
  double score = 0;
};

Result<std::optional<Pose>> FindPose(const BlazeFace& blazeface, const ImagePyramid& photo,
                                     const Affine& photo_from_picture, const Box& candidate,
                                     std::stop_token stop) {
  const double side = std::max(candidate.width(), candidate.height());
  for (const double factor : kCropSides) {
    const Affine photo_from_crop =
        photo_from_picture * SquareCrop(candidate.center(), side * factor, 0, BlazeFace::kSize);
    const Image crop = photo.Crop(photo_from_crop, BlazeFace::kSize, BlazeFace::kSize);
    GPEN_ASSIGN_OR_RETURN(const auto detection,
                          blazeface.DetectCentral(crop.view(), kBlazeScore, stop));
    if (!detection) continue;
    return std::optional(Pose{
        photo_from_crop(detection->box.center()),
        std::max(detection->box.width(), detection->box.height()) * photo_from_crop.Scale(),
        RollDegrees(photo_from_crop(detection->left_eye), photo_from_crop(detection->right_eye)),
        detection->score});
  }
  return std::optional<Pose>();
}

Result<Landmarks> FindLandmarks(const LandmarkNet& net, const ImagePyramid& photo,
                                const Affine& photo_from_crop, std::stop_token stop) {
  const Image crop = photo.Crop(photo_from_crop, LandmarkNet::kSize, LandmarkNet::kSize);
  GPEN_ASSIGN_OR_RETURN(Landmarks landmarks, net.Find(crop.view(), stop));
  for (auto& point : landmarks) point = photo_from_crop(point);
  return landmarks;
}

// Mean distance of the inner landmarks (the jaw is vague) as a part of the face's side.
double InnerDistance(const Landmarks& a, const Landmarks& b, double side) {
  constexpr std::size_t kFirstInner = 17;
  double sum = 0;
  for (std::size_t i = kFirstInner; i < a.size(); ++i) sum += Length(a[i] - b[i]);
  return sum / static_cast<double>(a.size() - kFirstInner) / side;
}

// How far the landmarks move when the crop is mirrored, enlarged and shifted: 0.01 of the face's
// side for a face, 0.04 and more for most other things.
Result<double> LandmarkUnrest(const LandmarkNet& net, const ImagePyramid& photo, const Pose& pose,
                              const Landmarks& landmarks, std::stop_token stop) {
  const double side = pose.side * kLandmarkCropSide;
  const double roll = pose.roll_degrees;
  const Point shifted = pose.center + RotationAndScale(roll, 0.06 * pose.side)({0, 1});
  const std::array variants = {
      SquareCrop(pose.center, side, roll, LandmarkNet::kSize) * Mirrored(LandmarkNet::kSize),
      SquareCrop(pose.center, side * 1.2, roll, LandmarkNet::kSize),
      SquareCrop(shifted, side, roll, LandmarkNet::kSize)};
  double sum = 0;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    GPEN_ASSIGN_OR_RETURN(const Landmarks found, FindLandmarks(net, photo, variants[i], stop));
    sum += InnerDistance(landmarks, i == 0 ? MirrorOrder(found) : found, pose.side);
  }
  return sum / static_cast<double>(variants.size());
}

// Whether UltraFace's mean score is at least `least` where the candidate is 24 to 40 pixels large:
// there blur and noise hardly matter, and what only resembles a face close up no longer does. It
// looks no longer than the answer is open.
Result<bool> IsFaceInSmallViews(const UltraFace& ultraface, const ImagePyramid& photo,
                                const Pose& pose, double least, std::stop_token stop) {
  const Affine tile_center = Translation(
      {(UltraFace::kHeight - UltraFace::kWidth) / 2.0, 0});  // Tile -> square about its middle.
  constexpr std::array kSides = {6.0, 8.0, 10.0};            // Of the square, in sides of the face.
  constexpr int kViews = 2 * static_cast<int>(kSides.size());
  const double wanted = least * kViews;
  double sum = 0;
  int views_left = kViews;
  for (const double factor : kSides) {
    for (const bool mirrored : {false, true}) {
      if (sum >= wanted) return true;
      if (sum + views_left < wanted) return false;  // A score is at most 1.
      --views_left;
      Affine photo_from_tile =
          SquareCrop(pose.center, pose.side * factor, pose.roll_degrees, UltraFace::kHeight) *
          tile_center;
      if (mirrored) photo_from_tile = photo_from_tile * Mirrored(UltraFace::kWidth);
      const Image tile = photo.Crop(photo_from_tile, UltraFace::kWidth, UltraFace::kHeight);
      GPEN_ASSIGN_OR_RETURN(const auto boxes,
                            ultraface.Detect(tile.view(), 0.01, UltraFace::Faces::kAll, stop));
      double best = 0;
      for (const auto& box : boxes) {
        const Point offset =
            box.box.center() - Point{UltraFace::kWidth / 2.0, UltraFace::kHeight / 2.0};
        const double reach = UltraFace::kHeight / factor / 3;
        if (Length(offset) < reach) best = std::max(best, box.score);
      }
      sum += best;
    }
  }
  return sum >= wanted;
}

// BlazeFace's mean score with the face upright and in two other sizes.
Result<double> UprightScore(const BlazeFace& blazeface, const ImagePyramid& photo, const Pose& pose,
                            std::stop_token stop) {
  double sum = pose.score;
  for (const double factor : {1.5, 2.0}) {
    const Image crop =
        photo.Crop(SquareCrop(pose.center, pose.side * factor, pose.roll_degrees, BlazeFace::kSize),
                   BlazeFace::kSize, BlazeFace::kSize);
    GPEN_ASSIGN_OR_RETURN(const auto detection, blazeface.DetectCentral(crop.view(), 0.01, stop));
    sum += detection ? detection->score : 0;
  }
  return sum / 3;
}

}  // namespace

double DetectedFace::size() const { return std::max(box.width(), box.height()); }

Result<std::optional<DetectedFace>> CheckFace(const FaceNetworks& networks,
                                              const ImagePyramid& photo,
                                              const Affine& photo_from_picture,
                                              const Box& candidate, std::stop_token stop) {
  GPEN_ASSIGN_OR_RETURN(const auto pose,
                        FindPose(networks.blazeface, photo, photo_from_picture, candidate, stop));
  if (!pose) return std::optional<DetectedFace>();
  const Affine photo_from_crop = SquareCrop(pose->center, pose->side * kLandmarkCropSide,
                                            pose->roll_degrees, LandmarkNet::kSize);
  GPEN_ASSIGN_OR_RETURN(const Landmarks landmarks,
                        FindLandmarks(networks.landmarks, photo, photo_from_crop, stop));
  GPEN_ASSIGN_OR_RETURN(const double unrest,
                        LandmarkUnrest(networks.landmarks, photo, *pose, landmarks, stop));
  const bool is_clear = pose->score >= kClearScore && unrest <= kClearUnrest;
  if (!is_clear) {
    GPEN_ASSIGN_OR_RETURN(const double upright,
                          UprightScore(networks.blazeface, photo, *pose, stop));
    const double missing = kEvidence - kUprightWeight * upright + unrest;
    GPEN_ASSIGN_OR_RETURN(const bool is_face,
                          IsFaceInSmallViews(networks.ultraface, photo, *pose, missing, stop));
    if (!is_face) return std::optional<DetectedFace>();
  }
  const double half = pose->side / 2;
  return std::optional(DetectedFace{
      {pose->center.x - half, pose->center.y - half, pose->center.x + half, pose->center.y + half},
      pose->score,
      landmarks,
      is_clear});
}

}  // namespace gpen::face
