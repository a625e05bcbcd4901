#include "face/ultraface.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "face/input_rows.h"
#include "face/model_shape.h"

namespace gpen::face {
namespace {

// A grid of anchors: a map of scores, and one of boxes after it.
struct Grid {
  int step;                       // Pixels of the picture between two anchors.
  std::span<const double> sides;  // Of an anchor's square boxes.
};

constexpr std::array kSmall = {10.0, 16.0, 24.0};
constexpr std::array kMiddle = {32.0, 48.0};
constexpr std::array kLarge = {64.0, 96.0};
constexpr std::array kLargest = {128.0, 192.0, 256.0};
constexpr std::array kGrids = {Grid{8, kSmall}, Grid{16, kMiddle}, Grid{32, kLarge},
                               Grid{64, kLargest}};
constexpr std::size_t kGridsOfSmallFaces = 2;

std::vector<nn::MapShape> ExpectedOutputs() {
  std::vector<nn::MapShape> shapes;
  for (const Grid& grid : kGrids) {
    const int rows = (UltraFace::kHeight + grid.step - 1) / grid.step;
    const int columns = (UltraFace::kWidth + grid.step - 1) / grid.step;
    const int anchors = static_cast<int>(grid.sides.size());
    shapes.push_back({rows, columns, 2 * anchors});
    shapes.push_back({rows, columns, 4 * anchors});
  }
  return shapes;
}

// What the network says of one anchor; `values`: shift of the centre, and logarithms of the size.
Box DecodeBox(const float* values, Point anchor, double side) {
  constexpr double kShift = 0.1;
  constexpr double kGrowth = 0.2;
  // No higher than the pictures that it was trained on.
  const double height = std::min(side, 1.0 * UltraFace::kHeight);
  const Point center = anchor + Point{kShift * values[0] * side, kShift * values[1] * height};
  const double half_width = side * std::exp(kGrowth * values[2]) / 2;
  const double half_height = height * std::exp(kGrowth * values[3]) / 2;
  return {center.x - half_width, center.y - half_height, center.x + half_width,
          center.y + half_height};
}

// Where the anchors of row `y` lie. The pictures that it was trained on are no whole number of the
// larger steps high: there the rows are nearer to each other. What it says of other pictures is as
// if all anchors lay as much too high as those do in the mean.
double AnchorRow(const Grid& grid, int y, int height) {
  const int rows = (UltraFace::kHeight + grid.step - 1) / grid.step;
  if (height == UltraFace::kHeight) return (y + 0.5) * height / rows;
  return (y + 0.5) * grid.step - (rows * grid.step - UltraFace::kHeight) / 2.0;
}

void Decode(const Grid& grid, const nn::FeatureMap& scores, const nn::FeatureMap& boxes, int height,
            double threshold, std::vector<ScoredBox>* found) {
  for (int y = 0; y < scores.height; ++y) {
    for (int x = 0; x < scores.width; ++x) {
      const Point anchor = {(x + 0.5) * grid.step, AnchorRow(grid, y, height)};
      for (std::size_t a = 0; a < grid.sides.size(); ++a) {
        const float* logits = scores.At(y, x) + 2 * a;  // Of no face, and of a face.
        const double score = 1 / (1 + std::exp(double{logits[0]} - double{logits[1]}));
        if (score < threshold) continue;
        found->push_back({DecodeBox(boxes.At(y, x) + 4 * a, anchor, grid.sides[a]), score});
      }
    }
  }
}

}  // namespace

Result<UltraFace> UltraFace::Create(nn::ConvolutionNetwork network) {
  GPEN_TRY(CheckShapes(network, "UltraFace", {kHeight, kWidth, 3}, ExpectedOutputs()));
  return UltraFace(std::move(network));
}

Result<std::vector<ScoredBox>> UltraFace::Detect(ImageView picture, double threshold, Faces faces,
                                                 std::stop_token stop) const {
  const bool is_small = picture.width() == kSmallWidth && picture.height() == kSmallHeight;
  const int width = is_small ? kSmallWidth : std::max(picture.width(), kWidth);
  const int height = is_small ? kSmallHeight : std::max(picture.height(), kHeight);
  const auto fill_row = [&](int y, float* row) {
    // (x - 127) / 128 of 0..255.
    FillRgbRow(picture, std::min(y, picture.height() - 1), 255.0F / 128, -127.0F / 128, row);
    for (int i = 3 * picture.width(); i < 3 * width; ++i) row[i] = row[i - 3];
  };
  const std::size_t grids = faces == Faces::kAll ? kGrids.size() : kGridsOfSmallFaces;
  GPEN_ASSIGN_OR_RETURN(const auto maps, network_.Run(height, width, fill_row, stop, 2 * grids));
  std::vector<ScoredBox> found;
  for (std::size_t i = 0; i < grids; ++i) {
    Decode(kGrids[i], maps[2 * i], maps[2 * i + 1], height, threshold, &found);
  }
  return found;
}

}  // namespace gpen::face
