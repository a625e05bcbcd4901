// Grain: the noise of a photo, measured where the picture is smooth, and made anew where a restored
// face is cleaner than what lies around it. Made from places and a fixed seed: the same photo gets
// the same grain in every run and on every machine.
#pragma once

#include <optional>

#include "image/image.h"

namespace gpen::restore {

/// Standard deviations in parts of the sample range, as measured on single pixels and on means of
/// 2x2: what is fine counts in the former, clumps in both.
struct GrainLevel {
  float pixel = 0;
  float quad = 0;
};

struct Grain {
  GrainLevel luma;
  GrainLevel chroma = {};  ///< Of red and of blue less luma, together; 0 in a gray photo.
  /// Of the structure that means of 2x2 pixels show, in parts of its energy, how much single pixels
  /// show, apart from noise: 0.2 to 1 of a sharp photo, about 0 of a soft one
  /// and where no structure shows.
  float fineness = 1;
};

/// Which part of a picture is measured, as a mask of the face says.
enum class GrainPlace : std::uint8_t { kInFace, kAroundFace };

/// `photo`: kU8 or kU16, 1 to 4 channels, in any space. `mask` (kF32 x 1, as large): 0 around the
/// face, above 0.6 in it; what lies between belongs to neither. The smoother blocks of 8x8 pixels
/// count, so that structure is not taken for noise; clipped ones do not. Nothing where there are
/// too few of them.
std::optional<Grain> MeasureGrain(ImageView photo, ImageView mask, GrainPlace place);

/// The same of all of a photo.
std::optional<Grain> MeasureGrain(ImageView photo);

/// The deviation of all noise, fine and in clumps, that shows as `level`.
float DeviationOf(const GrainLevel& level);

/// Of what a photo has around and in a face, the part that its restored face is to have: none where
/// the photo is clean, and not more than a little of what is very noisy.
Grain WantedGrain(const Grain& around, const Grain& in_face);

/// Adds to `photo`, where `mask` is above 0, what a face that has `found` lacks of `wanted`, so
/// that its noise is `wanted` then. `left` and `top`: where `photo` lies in the whole one, by which
/// the grain is chosen. Alpha is left alone.
void AddGrain(const Grain& wanted, const Grain& found, ImageView mask, int left, int top,
              MutableImageView photo);

}  // namespace gpen::restore
