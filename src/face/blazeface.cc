#include "face/blazeface.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "face/input_rows.h"
#include "face/model_shape.h"

namespace gpen::face {
namespace {

constexpr int kValues = 16;  // cx, cy, w, h and 6 points, of which the first two are the eyes.

// One of the two grids of anchors, with the outputs that belong to it.
struct Grid {
  int cells;  // Per side.
  int anchors_per_cell;
  const std::vector<float>& logits;
  const std::vector<float>& values;
};

void Decode(const Grid& grid, double threshold, std::vector<BlazeDetection>* detections) {
  for (std::size_t i = 0; i < grid.logits.size(); ++i) {
    const double score = 1 / (1 + std::exp(-std::clamp(grid.logits[i], -80.0F, 80.0F)));
    if (score < threshold) continue;
    const int cell = static_cast<int>(i) / grid.anchors_per_cell;
    const double step = static_cast<double>(BlazeFace::kSize) / grid.cells;
    const Point anchor = {(cell % grid.cells + 0.5) * step, (cell / grid.cells + 0.5) * step};
    // The values are in 256ths of the crop, which are its pixels.
    const float* v = &grid.values[i * kValues];
    const Point center = anchor + Point{v[0], v[1]};
    detections->push_back(
        {{center.x - v[2] / 2, center.y - v[3] / 2, center.x + v[2] / 2, center.y + v[3] / 2},
         score,
         anchor + Point{v[4], v[5]},
         anchor + Point{v[6], v[7]}});
  }
}

// Weighted mean of the detections that overlap `best`: steadier than the best one alone.
BlazeDetection Blend(const BlazeDetection& best, const std::vector<BlazeDetection>& all) {
  constexpr double kSameFaceIou = 0.3;
  BlazeDetection sum = {{}, best.score, {}, {}};
  double weight = 0;
  for (const auto& other : all) {
    if (Iou(best.box, other.box) < kSameFaceIou) continue;
    weight += other.score;
    sum.box.left += other.box.left * other.score;
    sum.box.top += other.box.top * other.score;
    sum.box.right += other.box.right * other.score;
    sum.box.bottom += other.box.bottom * other.score;
    sum.left_eye = sum.left_eye + other.left_eye * other.score;
    sum.right_eye = sum.right_eye + other.right_eye * other.score;
  }
  const double factor = 1 / weight;
  sum.box = {sum.box.left * factor, sum.box.top * factor, sum.box.right * factor,
             sum.box.bottom * factor};
  sum.left_eye = sum.left_eye * factor;
  sum.right_eye = sum.right_eye * factor;
  return sum;
}

}  // namespace

Result<BlazeFace> BlazeFace::Create(nn::ConvolutionNetwork network) {
  GPEN_TRY(CheckShapes(network, "BlazeFace", {kSize, kSize, 3},
                       {{8, 8, 6 * kValues}, {8, 8, 6}, {16, 16, 2 * kValues}, {16, 16, 2}}));
  return BlazeFace(std::move(network));
}

Result<std::optional<BlazeDetection>> BlazeFace::DetectCentral(ImageView crop, double threshold,
                                                               std::stop_token stop) const {
  const auto fill_row = [&](int y, float* row) {
    FillRgbRow(crop, y, 2.0F, -1.0F, row);  // x / 127.5 - 1 of 0..255.
  };
  GPEN_ASSIGN_OR_RETURN(const auto maps, network_.Run(kSize, kSize, fill_row, stop));
  const Grid fine = {16, 2, maps[3].values, maps[2].values};
  const Grid coarse = {8, 6, maps[1].values, maps[0].values};

  std::vector<BlazeDetection> detections;
  Decode(fine, threshold, &detections);
  Decode(coarse, threshold, &detections);
  const BlazeDetection* best = nullptr;
  double best_rank = 0;
  for (const auto& detection : detections) {
    // A neighbour's face at the crop's edge must not win over the one that was asked for.
    const Point offset = detection.box.center() - Point{kSize / 2.0, kSize / 2.0};
    const double distance = Length(offset) / kSize;
    if (distance > 0.25) continue;
    const double rank = detection.score - distance;
    if (best == nullptr || rank > best_rank) {
      best = &detection;
      best_rank = rank;
    }
  }
  if (best == nullptr) return std::optional<BlazeDetection>();
  return std::optional(Blend(*best, detections));
}

}  // namespace gpen::face
