#include "image/fourier.h"

#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>
#include <utility>

namespace gpen {

FourierTransform::FourierTransform(int side)
    : side_(static_cast<std::size_t>(side)), turns_(side_ / 2), reversed_(side_) {
  assert(side > 1 && std::has_single_bit(side_));
  for (std::size_t k = 0; k < turns_.size(); ++k) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(k) / side;
    turns_[k] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
  }
  for (std::size_t i = 1; i < side_; ++i) {
    reversed_[i] = reversed_[i / 2] / 2 + (i % 2) * side_ / 2;
  }
}

void FourierTransform::Inverse(std::complex<float>* values) const {
  Transform(true, values);
  const float scale = 1 / static_cast<float>(side_ * side_);
  for (std::size_t i = 0; i < side_ * side_; ++i) values[i] *= scale;
}

// Rows, then columns as the rows of the turned square.
void FourierTransform::Transform(bool inverse, std::complex<float>* values) const {
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t y = 0; y < side_; ++y) TransformRow(inverse, values + y * side_);
    for (std::size_t y = 0; y < side_; ++y) {
      for (std::size_t x = y + 1; x < side_; ++x) {
        std::swap(values[y * side_ + x], values[x * side_ + y]);
      }
    }
  }
}

void FourierTransform::TransformRow(bool inverse, std::complex<float>* row) const {
  for (std::size_t i = 0; i < side_; ++i) {
    if (i < reversed_[i]) std::swap(row[i], row[reversed_[i]]);
  }
  for (std::size_t half = 1; half < side_; half *= 2) {
    const std::size_t step = side_ / (2 * half);
    for (std::size_t start = 0; start < side_; start += 2 * half) {
      for (std::size_t k = 0; k < half; ++k) {
        const std::complex<float> turn = turns_[k * step];
        const float sine = inverse ? -turn.imag() : turn.imag();
        std::complex<float>& one = row[start + k];
        std::complex<float>& other = row[start + k + half];
        // Written out: the operator also looks for infinities.
        const std::complex<float> turned = {other.real() * turn.real() - other.imag() * sine,
                                            other.real() * sine + other.imag() * turn.real()};
        other = one - turned;
        one += turned;
      }
    }
  }
}

}  // namespace gpen
