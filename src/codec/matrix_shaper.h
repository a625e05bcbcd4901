// MatrixShaper: the transform between sRGB and a colour space that is three curves and a matrix, as
// nearly every camera's and scanner's is (or one curve: gray), by tables.
//
// It gives what lcms gives to less than half an 8-bit level, twenty times as fast: a face's crop
// has 65,000 pixels, however few of them the photo has. Spaces of another form have none.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

namespace gpen::codec {

class MatrixShaper {
 public:
  /// One pixel, floats in 0..1 where they are in gamut.
  using Transform = std::function<void(const float* in, float* out)>;

  /// The space of a photo with `channels` colours (1 or 3), known by its transforms into and out of
  /// sRGB and its linear form. Nothing where the space is of another form.
  struct Space {
    int channels = 3;
    Transform to_srgb;
    Transform from_srgb;
    Transform to_linear;
    Transform from_linear;
  };
  static std::optional<MatrixShaper> Fit(const Space& space);

  /// `pixels` pixels of the photo's channels -> three of sRGB, not clipped.
  void ToSrgb(const float* in, int pixels, float* out) const;
  /// The reverse; what the photo's space does not have is clipped.
  void FromSrgb(const float* in, int pixels, float* out) const;

 private:
  /// A function of 0..`end` by linear interpolation; clipped outside.
  struct Curve {
    float end = 1;
    std::vector<float> values;

    float At(float x) const;
  };
  using Matrix = std::array<std::array<float, 3>, 3>;

  explicit MatrixShaper(int channels) : channels_(channels) {}
  bool Sample(const Space& space);
  bool Agrees(const Space& space) const;
  static float EncodeSrgb(float linear);
  static float DecodeSrgb(float value);

  int channels_;
  std::array<Curve, 3> decode_;  ///< Of the photo's channels.
  std::array<Curve, 3> encode_;  ///< Of the square root, where the curves are nearly straight.
  Matrix linear_from_photo_ = {};
  Matrix photo_from_linear_ = {};
};

}  // namespace gpen::codec
