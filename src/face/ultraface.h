// UltraFace RFB-320: candidates for faces in a picture. Quick and a little too eager, so every
// candidate is confirmed by BlazeFace.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "face/box.h"
#include "image/image.h"
#include "nn/convolution_network.h"

namespace gpen::face {

class UltraFace {
 public:
  /// The size of pictures that it was trained on: it sees faces of 10 to 240 pixels.
  static constexpr int kWidth = 320;
  static constexpr int kHeight = 240;
  /// Of a picture that shows one small face in its middle.
  static constexpr int kSmallWidth = 160;
  static constexpr int kSmallHeight = 128;

  enum class Faces : std::uint8_t {
    kAll,
    kSmall,  ///< Of up to 60 pixels or so; of larger ones some.
  };

  /// Errors: kModelInvalid when the model's tensors are not UltraFace's.
  static Result<UltraFace> Create(nn::ConvolutionNetwork network);

  /// Boxes in pixels of `picture` (any size and sample type, 1 to 4 channels) with a score of at
  /// least `threshold`, not yet freed of overlaps. A picture smaller than kWidth x kHeight is
  /// continued by its edge, but for one of kSmallWidth x kSmallHeight. Time grows with the number
  /// of pixels, memory with the width. kSmall takes a seventh less time.
  ///
  /// Errors: kCancelled.
  Result<std::vector<ScoredBox>> Detect(ImageView picture, double threshold, Faces faces,
                                        std::stop_token stop) const;

 private:
  explicit UltraFace(nn::ConvolutionNetwork network) : network_(std::move(network)) {}
  nn::ConvolutionNetwork network_;
};

}  // namespace gpen::face
