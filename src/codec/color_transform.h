// Pixels in a photo's own colour space <-> sRGB floats, which the networks work in.
#pragma once

#include <memory>

#include "base/result.h"
#include "codec/photo.h"
#include "image/image.h"

namespace gpen::codec {

/// Built once per photo. Gray becomes R=G=B and goes back by Rec. 601 luma where it has no profile.
/// Both directions may be used by several threads at once.
class ColorTransform {
 public:
  /// A damaged or unusable profile is not an error: sRGB is assumed and a warning added.
  static Result<ColorTransform> Create(const Photo& photo, std::vector<std::string>* warnings);

  ColorTransform(ColorTransform&&) noexcept;
  ColorTransform& operator=(ColorTransform&&) noexcept;
  ~ColorTransform();

  /// True where the photo's space is sRGB or has no profile: both directions only rescale.
  bool is_identity() const;

  /// `photo_pixels`: any view with the photo's channels and sample type (alpha is ignored).
  /// Returns kF32 x 3 in 0..1, sRGB, not clipped.
  Result<Image> ToSrgb(ImageView photo_pixels) const;

  /// The reverse for kF32 x 3: returns kF32 with the photo's colour channels (1 or 3), 0..1 in the
  /// photo's space, no alpha.
  Result<Image> FromSrgb(ImageView srgb) const;

 private:
  struct State;
  explicit ColorTransform(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gpen::codec
