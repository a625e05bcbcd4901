// 68 facial landmarks in dlib's order: 0-16 jaw, 17-26 brows, 27-35 nose, 36-47 eyes, 48-67 mouth.
#pragma once

#include <array>
#include <stop_token>

#include "base/result.h"
#include "face/alignment.h"
#include "image/image.h"
#include "nn/convolution_network.h"

namespace gpen::face {

using Landmarks = std::array<Point, 68>;

/// Eye centres, nose tip and mouth corners out of the 68.
FivePoints AlignmentPoints(const Landmarks& landmarks);

/// The landmarks of a mirrored face under the numbers that they have in the face itself.
Landmarks MirrorOrder(const Landmarks& mirrored);

class LandmarkNet {
 public:
  static constexpr int kSize = 64;

  /// Errors: kModelInvalid when the model's tensors are not as expected.
  static Result<LandmarkNet> Create(nn::ConvolutionNetwork network);

  /// Landmarks in pixels of `crop` (kF32 in 0..1, kSize x kSize, the face upright and filling it).
  Result<Landmarks> Find(ImageView crop, std::stop_token stop) const;

 private:
  explicit LandmarkNet(nn::ConvolutionNetwork network) : network_(std::move(network)) {}
  nn::ConvolutionNetwork network_;
};

}  // namespace gpen::face
