#include "face/alignment.h"

#include <cstddef>

namespace gpen::face {
namespace {

// On 512 x 512. `ffhq` is the mean of the FFHQ data set's own alignment; `gpen` is what the
// released GPEN networks were trained on.
constexpr FivePoints kFfhq512 = {{{192.98138, 239.94708},
                                  {318.90277, 240.1936},
                                  {256.63416, 314.01935},
                                  {201.26117, 371.41043},
                                  {313.08905, 371.15118}}};
constexpr FivePoints kGpen512 = {{{202.041, 242.884},
                                  {309.430, 242.290},
                                  {256.077, 303.959},
                                  {211.960, 366.828},
                                  {300.891, 366.336}}};

Point Mean(std::span<const Point> points) {
  Point sum;
  for (const auto& point : points) sum = sum + point;
  return sum * (1.0 / static_cast<double>(points.size()));
}

}  // namespace

FivePoints TemplatePoints(nn::FaceTemplate face_template, int size) {
  FivePoints points = face_template == nn::FaceTemplate::kGpen ? kGpen512 : kFfhq512;
  for (auto& point : points) point = point * (size / 512.0);
  return points;
}

Affine EstimateSimilarity(std::span<const Point> from, std::span<const Point> to) {
  // With z = x + iy the map is to = a*from + b, and the least-squares a is the ratio of the complex
  // covariance to the variance.
  const Point from_mean = Mean(from);
  const Point to_mean = Mean(to);
  double variance = 0;
  double real = 0;
  double imaginary = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Point f = from[i] - from_mean;
    const Point t = to[i] - to_mean;
    variance += f.x * f.x + f.y * f.y;
    real += f.x * t.x + f.y * t.y;
    imaginary += f.x * t.y - f.y * t.x;
  }
  const double c = real / variance;
  const double s = imaginary / variance;
  return {c, -s, to_mean.x - c * from_mean.x + s * from_mean.y,
          s, c,  to_mean.y - s * from_mean.x - c * from_mean.y};
}

}  // namespace gpen::face
