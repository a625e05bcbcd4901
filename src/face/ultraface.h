// UltraFace RFB-320: candidates for faces in one 320x240 picture. Quick and a little too eager, so
// every candidate is confirmed by BlazeFace.
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "face/box.h"
#include "image/image.h"
#include "nn/session.h"

namespace gpen::face {

class UltraFace {
 public:
  static constexpr int kWidth = 320;
  static constexpr int kHeight = 240;

  /// Errors: kModelInvalid when the model's tensors are not UltraFace's.
  static Result<UltraFace> Create(std::unique_ptr<nn::Session> session);

  /// Boxes in pixels of `tile` (kF32 in 0..1, kWidth x kHeight) with a score of at least
  /// `threshold`, not yet freed of overlaps.
  Result<std::vector<ScoredBox>> Detect(ImageView tile, double threshold,
                                        std::stop_token stop) const;

 private:
  explicit UltraFace(std::unique_ptr<nn::Session> session) : session_(std::move(session)) {}
  std::unique_ptr<nn::Session> session_;
};

}  // namespace gpen::face
