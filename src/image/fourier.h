// The discrete Fourier transform of small square pictures.
#pragma once

#include <complex>
#include <cstddef>
#include <vector>

namespace gpen {

/// For squares of `side` pixels, a power of two, row by row. Thread-safe.
class FourierTransform {
 public:
  explicit FourierTransform(int side);

  /// The wave of `down` and `across` whole turns lies at [down * side + across]; those of minus so
  /// many turns at side less so many. Not scaled.
  void Forward(std::complex<float>* values) const { Transform(false, values); }

  /// Scaled by 1 / side^2: undoes Forward().
  void Inverse(std::complex<float>* values) const;

 private:
  void Transform(bool inverse, std::complex<float>* values) const;
  void TransformRow(bool inverse, std::complex<float>* row) const;

  std::size_t side_;
  std::vector<std::complex<float>> turns_;  // exp(-2 pi i k / side), k below side / 2.
  std::vector<std::size_t> reversed_;       // The bits of each place in the other order.
};

}  // namespace gpen
