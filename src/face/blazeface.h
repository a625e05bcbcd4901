// BlazeFace (back camera, 256x256): says whether a candidate is a face, and where exactly.
#pragma once

#include <array>
#include <optional>
#include <stop_token>

#include "base/result.h"
#include "face/box.h"
#include "image/image.h"
#include "nn/convolution_network.h"

namespace gpen::face {

/// A confirmed face. Points are in pixels; left and right as seen in the picture.
struct BlazeDetection {
  Box box;           ///< Roughly square, from the brows to the chin.
  double score = 0;  ///< 0..1
  Point left_eye;
  Point right_eye;
};

class BlazeFace {
 public:
  static constexpr int kSize = 256;

  /// Errors: kModelInvalid when the model's tensors are not BlazeFace's.
  static Result<BlazeFace> Create(nn::ConvolutionNetwork network);

  /// The face in the middle of `crop` (kSize x kSize), in pixels of the crop; nothing
  /// where there is none with a score of at least `threshold`.
  Result<std::optional<BlazeDetection>> DetectCentral(ImageView crop, double threshold,
                                                      std::stop_token stop) const;

 private:
  explicit BlazeFace(nn::ConvolutionNetwork network) : network_(std::move(network)) {}
  nn::ConvolutionNetwork network_;
};

}  // namespace gpen::face
