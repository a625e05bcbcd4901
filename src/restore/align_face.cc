#include "restore/align_face.h"

#include <algorithm>

#include "base/parallel_try.h"
#include "face/alignment.h"
#include "face/face_mask.h"

namespace gpen::restore {
namespace {

Affine PhotoFromCrop(const face::Landmarks& landmarks, nn::FaceTemplate face_template, int size) {
  return face::EstimateSimilarity(face::TemplatePoints(face_template, size),
                                  face::AlignmentPoints(landmarks));
}

// What lies beyond the photo repeats its border, which has no noise along a line: nothing may be
// learnt from it. The mask stays for as many pixels beyond as blending looks at.
void KeepMaskNear(const Rect& photo, FacePatch* patch) {
  constexpr int kRoom = 2;
  const Rect near = {photo.left - kRoom, photo.top - kRoom, photo.width + 2 * kRoom,
                     photo.height + 2 * kRoom};
  Image& mask = patch->mask;
  for (int y = 0; y < mask.height(); ++y) {
    float* row = mask.Row<float>(y);
    for (int x = 0; x < mask.width(); ++x) {
      const Point at = patch->photo_from_crop({1.0 * x, 1.0 * y});
      const bool is_near =
          at.x >= near.left && at.x < near.right() && at.y >= near.top && at.y < near.bottom();
      if (!is_near) row[x] = 0;
    }
  }
}

}  // namespace

double CropSide(const face::Landmarks& landmarks, nn::FaceTemplate face_template) {
  constexpr int kSize = 256;  // Any: only the scale counts.
  return kSize * PhotoFromCrop(landmarks, face_template, kSize).Scale();
}

double WantedSide(double crop_side, int enlarge) {
  constexpr int kMost = 2;
  return crop_side * std::min(enlarge, kMost);
}

Result<FacePatch> AlignFace(const ImagePyramid& photo, const face::Landmarks& landmarks,
                            nn::FaceTemplate face_template, int size,
                            const codec::ColorTransform& colors) {
  FacePatch patch;
  patch.photo_from_crop = PhotoFromCrop(landmarks, face_template, size);
  const Affine crop_from_photo = patch.photo_from_crop.Inverse();
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    patch.landmarks[i] = crop_from_photo(landmarks[i]);
  }
  const Image crop = photo.Crop(patch.photo_from_crop, size, size);
  GPEN_ASSIGN_OR_RETURN(patch.input, colors.ToSrgb(crop.view()));
  patch.mask = face::FaceMask(patch.landmarks, size);
  return patch;
}

Result<std::vector<FacePatch>> AlignFaces(const ImagePyramid& photo, const FaceNetworks& networks,
                                          const codec::ColorTransform& colors, int enlarge,
                                          int threads, std::span<FaceReport> faces) {
  std::vector<FacePatch> patches(faces.size());
  const auto align = [&](int index) -> Result<void> {
    const auto i = static_cast<std::size_t>(index);
    FaceReport& face = faces[i];
    const auto& landmarks = face.face.landmarks;
    const double side = CropSide(landmarks, networks.face_template());
    GPEN_ASSIGN_OR_RETURN(const auto network, networks.For(WantedSide(side, enlarge)));
    GPEN_ASSIGN_OR_RETURN(
        patches[i], AlignFace(photo, landmarks, networks.face_template(), network->size(), colors));
    KeepMaskNear(photo.full().bounds(), &patches[i]);
    face.model = NameAndVersion(network->manifest());
    face.scale = patches[i].scale();
    return {};
  };
  GPEN_TRY(ParallelTry(static_cast<int>(faces.size()), threads, align));
  return patches;
}

}  // namespace gpen::restore
