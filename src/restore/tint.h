// Tint: the one tone of a monochrome picture: gray, sepia, or any other toning.
#pragma once

#include <array>
#include <optional>

#include "image/image.h"

namespace gpen::restore {

/// Chroma as a quadratic of luma, as toning gives it.
struct Tint {
  std::array<double, 3> u;
  std::array<double, 3> v;

  float U(float y) const { return static_cast<float>(u[0] + (u[1] + u[2] * y) * y); }
  float V(float y) const { return static_cast<float>(v[0] + (v[1] + v[2] * y) * y); }
};

/// The tint of a monochrome picture (kF32 x 3, sRGB), whose chroma differs from it by at most
/// `largest_mean_error` in the mean; nothing where the picture has colours.
std::optional<Tint> FindTint(ImageView picture, double largest_mean_error);

}  // namespace gpen::restore
