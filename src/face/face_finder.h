// FaceFinder: a photo -> its faces with landmarks, false alarms dropped and duplicates merged.
//
// UltraFace proposes over a pyramid of tiles; CheckFace confirms and refines. Where no face is
// clear and upright the photo is tried on its sides and upside down. Find() may be called from
// several threads at once.
#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "face/face_check.h"
#include "face/face_selection.h"
#include "image/image_pyramid.h"

namespace gpen::face {

class FaceFinder {
 public:
  /// Loads the three networks. Errors: those of LoadFaceModel.
  static Result<FaceFinder> Create(const std::filesystem::path& models_folder, int threads);

  /// `photo`: upright as far as known, integer samples, 1 to 4 channels. It is reduced as far as
  /// the search needs.
  ///
  /// Errors: kCancelled, kOutOfMemory, kInternal. No face is not an error.
  Result<FoundFaces> Find(ImagePyramid* photo, const FindOptions& options,
                          std::stop_token stop = {}) const;

 private:
  FaceFinder(FaceNetworks networks, int threads);

  Result<std::vector<ScoredBox>> Propose(ImagePyramid* pyramid, std::stop_token stop) const;
  Result<std::vector<DetectedFace>> Confirm(const ImagePyramid& photo,
                                            const Affine& photo_from_picture,
                                            const std::vector<ScoredBox>& candidates,
                                            std::stop_token stop) const;
  Result<void> FindTurned(const ImagePyramid& photo, const Affine& photo_from_picture,
                          ImageView picture, std::stop_token stop, FoundFaces* found) const;

  FaceNetworks networks_;
  int threads_;
};

}  // namespace gpen::face
