#include "face/face_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "base/parallel_try.h"
#include "face/face_models.h"
#include "face/face_selection.h"
#include "face/proposals.h"
#include "image/resample.h"

namespace gpen::face {
namespace {

// A large photo is reduced for the search to so many pixels a side, unless the smallest face that
// is wanted would have less than kLeastSeen in it.
constexpr int kSearchSide = 1536;
constexpr double kLeastSeen = 12;
// Others, too, where that face keeps a size at which it is well seen, and the photo kSmallSide.
constexpr double kWellSeen = 16;
constexpr double kSmallSide = 1024;
// In foliage and gravel UltraFace proposes hundreds of places: only the likeliest are looked at
// again where a first look says no.
constexpr std::size_t kMostThoroughLooks = 48;

// Pixels a side of a box that a person gives: in less nobody sees a face.
constexpr double kLeastByHand = 8;

// How many times the photo is reduced for the search. A whole factor for large ones: averaging
// whole blocks of pixels is several times faster.
double SearchFactor(ImageView photo, double min_face) {
  const int side = std::max(photo.width(), photo.height());
  if (side <= kSearchSide) {
    const double factor = std::max(1.0, min_face / kWellSeen);
    return side / factor < kSmallSide ? 1 : factor;
  }
  const int to_size = (side + kSearchSide - 1) / kSearchSide;
  return std::clamp(static_cast<int>(min_face / kLeastSeen), 1, to_size);
}

// Map from the searched picture, turned, to the photo.
Affine PhotoFromTurned(ImageView picture, const Affine& photo_from_picture, int turns) {
  return photo_from_picture * RotateMap(picture.width(), picture.height(), turns);
}

Result<void> CheckBoxes(const std::vector<Box>& boxes, ImageView photo) {
  for (const auto& box : boxes) {
    const auto refuse = [&](const std::string& why) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("the face given as {:g},{:g},{:g},{:g} {}", box.left, box.top,
                               box.width(), box.height(), why));
    };
    if (std::min(box.width(), box.height()) < kLeastByHand) {
      return refuse(fmt::format("is too small to show one: expected at least {:g} pixels a side",
                                kLeastByHand));
    }
    const double inside_x = std::min<double>(box.right, photo.width()) - std::max(box.left, 0.0);
    const double inside_y = std::min<double>(box.bottom, photo.height()) - std::max(box.top, 0.0);
    if (inside_x >= 0.5 * box.width() && inside_y >= 0.5 * box.height()) continue;
    return refuse(
        fmt::format("lies outside of the photo, which has {}x{} pixels: expected at "
                    "least half of its width and height inside",
                    photo.width(), photo.height()));
  }
  return {};
}

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

// Faces in pixels of the photo, each once.
Result<std::vector<DetectedFace>> FaceFinder::Confirm(const Search& search,
                                                      const Affine& photo_from_turned,
                                                      const std::vector<ScoredBox>& candidates,
                                                      std::vector<Box>* doubtful) const {
  GPEN_ASSIGN_OR_RETURN(const auto checked,
                        CheckFaces(networks_, search.photo, photo_from_turned, candidates,
                                   kMostThoroughLooks, threads_, search.stop));
  std::vector<DetectedFace> faces;
  for (const auto& place : checked) {
    if (place.face) {
      faces.push_back(*place.face);
    } else if (place.doubtful && doubtful != nullptr) {
      doubtful->push_back(*place.doubtful);
    }
  }
  return MergeDuplicates(std::move(faces));
}

// Where no face is clear and upright, or where a place that UltraFace took for a face shows one
// under another turn: on a page of an album prints lie every way, so all turns are searched then.
Result<bool> FaceFinder::HasTurnedFaces(const Search& search,
                                        const std::vector<ScoredBox>& candidates,
                                        const std::vector<DetectedFace>& upright) const {
  if (LooksTurned(upright)) return true;
  const Affine picture_from_photo = search.photo_from_picture.Inverse();
  std::vector<Box> unknown;
  for (const auto& candidate :
       std::span(candidates).first(std::min(candidates.size(), kMostThoroughLooks))) {
    const bool known = std::ranges::any_of(upright, [&](const DetectedFace& face) {
      return IsSameFace(Transform(face.box, picture_from_photo), candidate.box);
    });
    if (!known) unknown.push_back(candidate.box);
  }
  std::atomic<bool> found = false;
  const auto look = [&](int index) -> Result<void> {
    for (const int turns : {1, 2, 3}) {
      if (found) return {};
      const Affine picture_from_turned =
          RotateMap(search.picture.width(), search.picture.height(), turns);
      GPEN_ASSIGN_OR_RETURN(
          const bool shows,
          ShowsFace(
              networks_, search.photo, search.photo_from_picture * picture_from_turned,
              Transform(unknown[static_cast<std::size_t>(index)], picture_from_turned.Inverse()),
              search.stop));
      if (shows) found = true;
    }
    return {};
  };
  GPEN_TRY(ParallelTry(static_cast<int>(unknown.size()), threads_, look));
  return found.load();
}

Result<std::vector<DetectedFace>> FaceFinder::FindTurned(const Search& search, int turns) const {
  const Image turned = Rotate(search.picture, turns);
  ImagePyramid pyramid(turned.view());
  GPEN_ASSIGN_OR_RETURN(const auto candidates,
                        ProposeFaces(networks_.ultraface, &pyramid, threads_, search.stop));
  return Confirm(search, PhotoFromTurned(search.picture, search.photo_from_picture, turns),
                 candidates, nullptr);
}

// A box that shows a found face is that face, and the person's word for it.
Result<void> FaceFinder::AddByHand(const Search& search, const std::vector<Box>& boxes,
                                   std::vector<DetectedFace>* faces) const {
  std::vector<Box> unknown;
  for (const auto& box : boxes) {
    const auto face = std::ranges::find_if(
        *faces, [&](const DetectedFace& found) { return IsSameFace(found.box, box); });
    if (face == faces->end()) {
      unknown.push_back(box);
    } else {
      face->is_by_hand = true;
    }
  }
  std::vector<DetectedFace> located(unknown.size());
  const auto locate = [&](int index) -> Result<void> {
    const auto i = static_cast<std::size_t>(index);
    GPEN_ASSIGN_OR_RETURN(located[i], LocateFace(networks_, search.photo, unknown[i], search.stop));
    return {};
  };
  GPEN_TRY(ParallelTry(static_cast<int>(unknown.size()), threads_, locate));
  faces->insert(faces->end(), located.begin(), located.end());
  *faces = MergeDuplicates(std::move(*faces));
  return {};
}

Result<FoundFaces> FaceFinder::Find(ImagePyramid* photo, const FindOptions& options,
                                    std::stop_token stop) const {
  const ImageView full = photo->full();
  GPEN_TRY(CheckBoxes(options.by_hand, full));
  const double factor = SearchFactor(full, options.min_face);
  const auto reduced = [&](int side) { return std::max(1, static_cast<int>(side / factor)); };
  const ImageView picture = photo->Reduce(reduced(full.width()), reduced(full.height()));
  const Search search = {
      *photo, picture,
      ResizeMap(1.0 * full.width() / picture.width(), 1.0 * full.height() / picture.height()),
      stop};
  FoundFaces found;
  UnderTurn under_turn;
  GPEN_ASSIGN_OR_RETURN(const auto candidates,
                        ProposeFaces(networks_.ultraface, photo, threads_, stop));
  GPEN_ASSIGN_OR_RETURN(under_turn[0],
                        Confirm(search, search.photo_from_picture, candidates, &found.doubtful));
  GPEN_ASSIGN_OR_RETURN(const bool has_turned, HasTurnedFaces(search, candidates, under_turn[0]));
  for (int turns = 1; has_turned && turns < 4; ++turns) {
    GPEN_ASSIGN_OR_RETURN(under_turn[static_cast<std::size_t>(turns)], FindTurned(search, turns));
  }
  found.faces = MergeTurns(under_turn, &found.quarter_turns);
  GPEN_TRY(AddByHand(search, options.by_hand, &found.faces));
  SelectFaces(options, &found);
  return found;
}

Result<void> FaceFinder::FindMore(ImagePyramid* changed, int scale, const FindOptions& options,
                                  std::stop_token stop, FoundFaces* found) const {
  FindOptions all;
  all.min_face = options.min_face * scale;
  all.max_faces = std::numeric_limits<int>::max();
  GPEN_ASSIGN_OR_RETURN(const auto more, Find(changed, all, std::move(stop)));
  const Affine photo_from_changed = ResizeMap(1.0 / scale, 1.0 / scale);
  std::vector<DetectedFace> faces;
  for (const auto* known :
       {&found->faces, &found->too_small, &found->over_limit, &found->unwanted}) {
    faces.insert(faces.end(), known->begin(), known->end());
  }
  if (faces.empty()) found->quarter_turns = more.quarter_turns;
  for (const auto* added : {&more.faces, &more.too_small}) {
    for (DetectedFace face : *added) {
      face.box = Transform(face.box, photo_from_changed);
      if (!face.is_clear) {
        found->doubtful.push_back(face.box);
        continue;
      }
      std::ranges::transform(face.landmarks, face.landmarks.begin(), photo_from_changed);
      faces.push_back(face);
    }
  }
  for (const Box& box : more.doubtful) {
    found->doubtful.push_back(Transform(box, photo_from_changed));
  }
  found->faces = MergeDuplicates(std::move(faces));
  SelectFaces(options, found);
  return {};
}

}  // namespace gpen::face
