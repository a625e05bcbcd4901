// Weighted sums of rows of samples: what every resizing and blurring along an axis comes down to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gpen {

/// to[i] = the sum of weights[k] * rows[k][i] over all rows, for i in 0..`samples`-1. As many
/// weights as rows.
void SumRows(std::span<const std::uint8_t* const> rows, const float* weights, std::size_t samples,
             float* to);
void SumRows(std::span<const std::uint16_t* const> rows, const float* weights, std::size_t samples,
             float* to);
void SumRows(std::span<const float* const> rows, const float* weights, std::size_t samples,
             float* to);

/// to[i] = factor * from[i].
void ConvertRow(const std::uint8_t* from, float factor, std::size_t samples, float* to);
void ConvertRow(const std::uint16_t* from, float factor, std::size_t samples, float* to);
void ConvertRow(const float* from, float factor, std::size_t samples, float* to);

/// to[i] = factor * from[i], clipped and rounded to nearest; 0 for what is not a number.
void ConvertRow(const float* from, float factor, std::size_t samples, std::uint8_t* to);
void ConvertRow(const float* from, float factor, std::size_t samples, std::uint16_t* to);

}  // namespace gpen
