#include "face/face_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/parallel_try.h"
#include "face/face_view.h"
#include "face/pose.h"
#include "face/small_view.h"

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
constexpr double kSureEvidence = 2.0;
// Of a face that is seen evened out: BlazeFace is less sure, so UltraFace must be the more.
constexpr double kEvenedBlazeScore = 0.5;
constexpr double kEvenedSmallView = 0.88;
constexpr std::array kBlurs = {0.02, 0.032};  // Of the face's side.
// What a glance must show, as measured with bench/find_bench.py's copies. Of a bad place, evened
// out, most things that are no faces have 0.07 to 0.13, and as many faces are found with it as
// without. Of other places all faces have 0.38 and more, 58 % of all else less than this.
constexpr double kLeastGlance = 0.15;
constexpr double kUnsureScore = 0.98;  // UltraFace's, of such a place that is worth a glance.
// Of what is said to be perhaps a face.
constexpr double kDoubtfulEvidence = 1.3;
constexpr double kDoubtfulSmallView = 0.5;
constexpr double kTurnedScore = 0.7;       // UltraFace's, for a face that lies on its side.
constexpr double kByHandBlazeScore = 0.2;  // Where a person says that there is a face.

double RollDegrees(Point left_eye, Point right_eye) {
  const Point eyes = right_eye - left_eye;
  return std::atan2(eyes.y, eyes.x) * 180 / std::numbers::pi;
}

Result<std::optional<Pose>> FindPose(const BlazeFace& blazeface, const FaceView& photo,
                                     const Affine& photo_from_picture, const Box& candidate,
                                     double least_score, std::stop_token stop) {
  const double side = std::max(candidate.width(), candidate.height());
  for (const double factor : kCropSides) {
    const Affine photo_from_crop =
        photo_from_picture * SquareCrop(candidate.center(), side * factor, 0, BlazeFace::kSize);
    const Image crop =
        photo.Crop(photo_from_crop, BlazeFace::kSize, side * photo_from_picture.Scale());
    GPEN_ASSIGN_OR_RETURN(const auto detection,
                          blazeface.DetectCentral(crop.view(), least_score, stop));
    if (!detection) continue;
    return std::optional(Pose{
        photo_from_crop(detection->box.center()),
        std::max(detection->box.width(), detection->box.height()) * photo_from_crop.Scale(),
        RollDegrees(photo_from_crop(detection->left_eye), photo_from_crop(detection->right_eye)),
        detection->score});
  }
  return std::optional<Pose>();
}

Result<Landmarks> FindLandmarks(const LandmarkNet& net, const FaceView& photo,
                                const Affine& photo_from_crop, double side, std::stop_token stop) {
  const Image crop = photo.Crop(photo_from_crop, LandmarkNet::kSize, side);
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
Result<double> LandmarkUnrest(const LandmarkNet& net, const FaceView& photo, const Pose& pose,
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
    GPEN_ASSIGN_OR_RETURN(const Landmarks found,
                          FindLandmarks(net, photo, variants[i], pose.side, stop));
    sum += InnerDistance(landmarks, i == 0 ? MirrorOrder(found) : found, pose.side);
  }
  return sum / static_cast<double>(variants.size());
}

// BlazeFace's mean score with the face upright and in two other sizes.
Result<double> UprightScore(const BlazeFace& blazeface, const FaceView& photo, const Pose& pose,
                            std::stop_token stop) {
  double sum = pose.score;
  for (const double factor : {1.5, 2.0}) {
    const Image crop =
        photo.Crop(SquareCrop(pose.center, pose.side * factor, pose.roll_degrees, BlazeFace::kSize),
                   BlazeFace::kSize, pose.side);
    GPEN_ASSIGN_OR_RETURN(const auto detection, blazeface.DetectCentral(crop.view(), 0.01, stop));
    sum += detection ? detection->score : 0;
  }
  return sum / 3;
}

// What one look at a candidate shows.
struct Look {
  Pose pose;
  Landmarks landmarks;
  double unrest = 0;
  double small_view = 1;  // Of a clear look it is not asked.
  double upright = 1;

  bool is_beyond_doubt() const {
    return is_clear() || (evidence() >= kSureEvidence && unrest <= kClearUnrest);
  }
  bool is_clear() const { return pose.score >= kClearScore && unrest <= kClearUnrest; }
  double evidence() const { return small_view + kUprightWeight * upright - unrest; }

  DetectedFace face() const {
    const double half = pose.side / 2;
    const Point center = pose.center;
    return {{center.x - half, center.y - half, center.x + half, center.y + half},
            pose.score,
            landmarks,
            is_beyond_doubt()};
  }
};

// What two looks at one candidate through different blurs show: noise hides now this, now that.
Look Together(const Look& a, const Look& b) {
  Look both = a.evidence() >= b.evidence() ? a : b;
  both.small_view = std::max(a.small_view, b.small_view);
  both.upright = std::max(a.upright, b.upright);
  both.unrest = std::min(a.unrest, b.unrest);
  return both;
}

Result<Landmarks> FindLandmarks(const LandmarkNet& net, const FaceView& photo, const Pose& pose,
                                std::stop_token stop) {
  const Affine photo_from_crop =
      SquareCrop(pose.center, pose.side * kLandmarkCropSide, pose.roll_degrees, LandmarkNet::kSize);
  return FindLandmarks(net, photo, photo_from_crop, pose.side, stop);
}

// The first of a look: all that is asked of a clear face. Nothing where BlazeFace sees none at all.
Result<std::optional<Look>> Glimpse(const FaceNetworks& networks, const FaceView& photo,
                                    const Affine& photo_from_picture, const Box& candidate,
                                    std::stop_token stop) {
  const double least_score = photo.is_evened() ? kEvenedBlazeScore : kBlazeScore;
  GPEN_ASSIGN_OR_RETURN(const auto pose, FindPose(networks.blazeface, photo, photo_from_picture,
                                                  candidate, least_score, stop));
  if (!pose) return std::optional<Look>();
  Look look;
  look.pose = *pose;
  GPEN_ASSIGN_OR_RETURN(look.landmarks, FindLandmarks(networks.landmarks, photo, *pose, stop));
  GPEN_ASSIGN_OR_RETURN(look.unrest,
                        LandmarkUnrest(networks.landmarks, photo, *pose, look.landmarks, stop));
  return std::optional(look);
}

// The rest of it. Nothing where an evened view shows too little.
Result<std::optional<Look>> LookOn(const FaceNetworks& networks, const FaceView& photo,
                                   std::optional<Look> look, std::stop_token stop) {
  if (!look || (look->is_clear() && !photo.is_evened())) return look;
  // With less no verdict is another one, however sure BlazeFace will be.
  const double least = std::min(kDoubtfulSmallView, kEvidence - kUprightWeight + look->unrest);
  const double needed = photo.is_evened() ? kDoubtfulSmallView : least;
  GPEN_ASSIGN_OR_RETURN(look->small_view,
                        SmallViewScore(networks.ultraface, photo, look->pose, needed, stop));
  if (look->small_view < needed && photo.is_evened()) return std::optional<Look>();
  look->upright = 0;
  if (look->small_view < needed) return look;
  GPEN_ASSIGN_OR_RETURN(look->upright, UprightScore(networks.blazeface, photo, look->pose, stop));
  return look;
}

Result<std::optional<Look>> LookAt(const FaceNetworks& networks, const FaceView& photo,
                                   const Affine& photo_from_picture, const Box& candidate,
                                   std::stop_token stop) {
  GPEN_ASSIGN_OR_RETURN(const auto glimpse,
                        Glimpse(networks, photo, photo_from_picture, candidate, stop));
  return LookOn(networks, photo, glimpse, stop);
}

// Whether the photo about the candidate is too dark, faded or noisy to see a face as it is.
bool IsBadAround(const ImagePyramid& photo, const Affine& photo_from_picture,
                 const Box& candidate) {
  constexpr int kSize = 128;
  const double side = std::max(candidate.width(), candidate.height()) * kCropSides[0];
  const Affine photo_from_crop =
      photo_from_picture * SquareCrop(candidate.center(), side, 0, kSize);
  return IsBad(photo.Crop(photo_from_crop, kSize, kSize).view());
}

// Whether a glance tells that BlazeFace, which takes ten times as long, would see no face there.
Result<bool> IsHopeless(const FaceNetworks& networks, const ImagePyramid& photo,
                        const Affine& photo_from_picture, const ScoredBox& candidate,
                        std::stop_token stop) {
  if (candidate.score >= kUnsureScore || IsBadAround(photo, photo_from_picture, candidate.box)) {
    return false;
  }
  GPEN_ASSIGN_OR_RETURN(const double glance, Glance(networks.ultraface, FaceView(photo, 0),
                                                    photo_from_picture, candidate.box, stop));
  return glance < kLeastGlance;
}

struct FirstLook {
  bool is_hopeless = false;
  std::optional<Look> glimpse;
};

// Of a candidate whose first glimpse was not a clear face.
Result<CheckedPlace> CheckFurther(const FaceNetworks& networks, const ImagePyramid& photo,
                                  const Affine& photo_from_picture, const Box& candidate,
                                  const std::optional<Look>& glimpse, bool thorough,
                                  std::stop_token stop) {
  CheckedPlace checked;
  const auto note = [&checked](const std::optional<Look>& look, double least_small_view) {
    if (!look) return false;
    const bool is_face = look->evidence() >= kEvidence && look->small_view >= least_small_view;
    if (is_face) checked.face = look->face();
    if (look->evidence() >= kDoubtfulEvidence && look->small_view >= kDoubtfulSmallView) {
      checked.doubtful = look->face().box;
    }
    return is_face;
  };
  GPEN_ASSIGN_OR_RETURN(const auto first, LookOn(networks, FaceView(photo, 0), glimpse, stop));
  if (note(first, 0) || !thorough) return checked;
  const bool is_calm =
      first && first->unrest <= kClearUnrest && first->small_view >= kEvenedSmallView;
  if (!is_calm && !IsBadAround(photo, photo_from_picture, candidate)) return checked;
  GPEN_ASSIGN_OR_RETURN(const double glance, Glance(networks.ultraface, FaceView(photo, kBlurs[0]),
                                                    photo_from_picture, candidate, stop));
  if (glance < kLeastGlance) return checked;
  std::optional<Look> before;
  for (const double blur : kBlurs) {
    GPEN_ASSIGN_OR_RETURN(
        auto look, LookAt(networks, FaceView(photo, blur), photo_from_picture, candidate, stop));
    if (look && before) look = Together(*look, *before);
    if (note(look, kEvenedSmallView)) break;
    before = look;
  }
  return checked;
}

}  // namespace

double DetectedFace::size() const { return std::max(box.width(), box.height()); }

Result<std::vector<CheckedPlace>> CheckFaces(const FaceNetworks& networks,
                                             const ImagePyramid& photo,
                                             const Affine& photo_from_picture,
                                             std::span<const ScoredBox> candidates,
                                             std::size_t thorough, int threads,
                                             std::stop_token stop) {
  const int count = static_cast<int>(candidates.size());
  std::vector<FirstLook> first(candidates.size());
  GPEN_TRY(ParallelTry(count, threads, [&](int index) -> Result<void> {
    const auto i = static_cast<std::size_t>(index);
    GPEN_ASSIGN_OR_RETURN(first[i].is_hopeless,
                          IsHopeless(networks, photo, photo_from_picture, candidates[i], stop));
    if (first[i].is_hopeless) return {};
    GPEN_ASSIGN_OR_RETURN(first[i].glimpse, Glimpse(networks, FaceView(photo, 0),
                                                    photo_from_picture, candidates[i].box, stop));
    return {};
  }));
  std::vector<Box> clear;
  for (const auto& [is_hopeless, look] : first) {
    if (look && look->is_clear()) clear.push_back(look->face().box);
  }
  std::vector<CheckedPlace> checked(candidates.size());
  GPEN_TRY(ParallelTry(count, threads, [&](int index) -> Result<void> {
    const auto i = static_cast<std::size_t>(index);
    const auto& [is_hopeless, look] = first[i];
    if (is_hopeless) return {};
    if (look && look->is_clear()) checked[i].face = look->face();
    if (checked[i].face) return {};
    const Box shown = look ? look->face().box : Transform(candidates[i].box, photo_from_picture);
    if (std::ranges::any_of(clear, [&](const Box& box) { return IsSameFace(box, shown); }))
      return {};
    GPEN_ASSIGN_OR_RETURN(checked[i], CheckFurther(networks, photo, photo_from_picture,
                                                   candidates[i].box, look, i < thorough, stop));
    return {};
  }));
  return checked;
}

Result<bool> ShowsFace(const FaceNetworks& networks, const ImagePyramid& photo,
                       const Affine& photo_from_picture, const Box& candidate,
                       std::stop_token stop) {
  GPEN_ASSIGN_OR_RETURN(const double score, Glance(networks.ultraface, FaceView(photo, 0),
                                                   photo_from_picture, candidate, stop));
  if (score < kTurnedScore) return false;
  GPEN_ASSIGN_OR_RETURN(const auto look,
                        LookAt(networks, FaceView(photo, 0), photo_from_picture, candidate, stop));
  return look && look->is_beyond_doubt();
}

Result<DetectedFace> LocateFace(const FaceNetworks& networks, const ImagePyramid& photo,
                                const Box& box, std::stop_token stop) {
  Pose best = {box.center(), std::max(box.width(), box.height()), 0, 0};
  double best_blur = 0;
  for (const double blur : {0.0, kBlurs[0], kBlurs[1]}) {
    for (int turns = 0; turns < 4; ++turns) {
      // Turns the photo about the box's middle.
      const Affine photo_from_turned = Translation(box.center()) *
                                       RotationAndScale(-90 * turns, 1) *
                                       Translation(box.center() * -1);
      GPEN_ASSIGN_OR_RETURN(const auto pose,
                            FindPose(networks.blazeface, FaceView(photo, blur), photo_from_turned,
                                     box, std::max(kByHandBlazeScore, best.score), stop));
      if (!pose || pose->score <= best.score) continue;
      best = *pose;
      best_blur = blur;
    }
    if (best.score >= kClearScore) break;
  }
  Look look;
  look.pose = best;
  GPEN_ASSIGN_OR_RETURN(look.landmarks,
                        FindLandmarks(networks.landmarks, FaceView(photo, best_blur), best, stop));
  DetectedFace face = look.face();
  face.is_clear = false;
  face.is_by_hand = true;
  return face;
}

}  // namespace gpen::face
