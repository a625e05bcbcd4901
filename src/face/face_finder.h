// FaceFinder: a photo -> its faces with landmarks, false alarms dropped and duplicates merged.
//
// UltraFace proposes over a pyramid of tiles; CheckFaces confirms and refines. Where no face is
// clear and upright, or a place shows one under another turn, the photo is searched on its sides
// and upside down too. Find() may be called from several threads at once.
#pragma once

#include <array>
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
  /// Errors: kInvalidArgument (a box by hand outside of the photo), kCancelled, kOutOfMemory,
  /// kInternal. No face is not an error.
  Result<FoundFaces> Find(ImagePyramid* photo, const FindOptions& options,
                          std::stop_token stop = {}) const;

  /// Adds to what was found in a photo what shows in `changed` alone: the same photo cleaned, and
  /// `scale` times as large. Cleaning may draw what looks like a face, so that one which is not
  /// clear is doubtful. In pixels of the photo. Errors: those of Find().
  Result<void> FindMore(ImagePyramid* changed, int scale, const FindOptions& options,
                        std::stop_token stop, FoundFaces* found) const;

 private:
  // A photo and the reduced picture of it that is searched.
  struct Search {
    const ImagePyramid& photo;
    ImageView picture;
    Affine photo_from_picture;
    std::stop_token stop;
  };

  FaceFinder(FaceNetworks networks, int threads);

  Result<std::vector<DetectedFace>> Confirm(const Search& search, const Affine& photo_from_turned,
                                            const std::vector<ScoredBox>& candidates,
                                            std::vector<Box>* doubtful) const;
  Result<bool> HasTurnedFaces(const Search& search, const std::vector<ScoredBox>& candidates,
                              const std::vector<DetectedFace>& upright) const;
  Result<std::vector<DetectedFace>> FindTurned(const Search& search, int turns) const;
  Result<void> AddByHand(const Search& search, const std::vector<Box>& boxes,
                         std::vector<DetectedFace>* faces) const;

  FaceNetworks networks_;
  int threads_;
};

}  // namespace gpen::face
