#include "face/ultraface.h"

#include "face/model_shape.h"
#include "face/tensor_fill.h"

namespace gpen::face {
namespace {

constexpr std::size_t kAnchors = 4420;

}  // namespace

Result<UltraFace> UltraFace::Create(std::unique_ptr<nn::Session> session) {
  GPEN_TRY(CheckShapes(*session, "UltraFace", {{1, 3, kHeight, kWidth}},
                       {{1, kAnchors, 2}, {1, kAnchors, 4}}));
  return UltraFace(std::move(session));
}

Result<std::vector<ScoredBox>> UltraFace::Detect(ImageView tile, double threshold,
                                                 std::stop_token stop) const {
  std::vector<float> input(std::size_t{3} * kWidth * kHeight);
  std::vector<float> scores(kAnchors * 2);
  std::vector<float> boxes(kAnchors * 4);
  FillPlanarRgb(tile, 255.0F / 128, -127.0F / 128, input);  // (x - 127) / 128 of 0..255.
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {scores, boxes};
  GPEN_TRY(session_->Run(inputs, outputs, stop));

  std::vector<ScoredBox> found;
  for (std::size_t i = 0; i < kAnchors; ++i) {
    const double score = scores[2 * i + 1];
    if (score < threshold) continue;
    const float* box = &boxes[4 * i];
    found.push_back(
        {{box[0] * kWidth, box[1] * kHeight, box[2] * kWidth, box[3] * kHeight}, score});
  }
  return found;
}

}  // namespace gpen::face
