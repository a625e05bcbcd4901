// FaceView: how the networks look at one face in a photo: as it is, or evened out.
#pragma once

#include "face/evening.h"
#include "image/image_pyramid.h"

namespace gpen::face {

class FaceView {
 public:
  /// `blur`: of the evened view, as a part of the face's side; 0 shows the photo as it is. The
  /// photo must outlive this.
  FaceView(const ImagePyramid& photo, double blur) : photo_(&photo), blur_(blur) {}

  bool is_evened() const { return blur_ > 0; }

  /// ImagePyramid::Crop about a face whose side is `face_side` pixels of the photo.
  Image Crop(const Affine& photo_from_crop, int size, double face_side) const {
    return Crop(photo_from_crop, size, size, face_side);
  }
  Image Crop(const Affine& photo_from_crop, int width, int height, double face_side) const {
    Image crop = photo_->Crop(photo_from_crop, width, height);
    if (!is_evened()) return crop;
    return EvenOut(crop.view(), blur_ * face_side / photo_from_crop.Scale());
  }

 private:
  const ImagePyramid* photo_;
  double blur_;
};

}  // namespace gpen::face
