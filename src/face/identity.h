// How alike two faces are, by a face recognition network. Used to warn when a restoration changed
// the person; it is no proof of identity.
#pragma once

#include <array>
#include <stop_token>

#include "base/result.h"
#include "face/alignment.h"
#include "image/image.h"
#include "nn/convolution_network.h"

namespace gpen::face {

/// Unit vector; the dot product of two is their similarity (same person: 0.69 in the median,
/// different persons: 0.01; measured for this network).
using IdentityFeature = std::array<float, 512>;

/// Cosine similarity, -1..1.
double Similarity(const IdentityFeature& a, const IdentityFeature& b);

class IdentityNet {
 public:
  static constexpr int kSize = 112;

  /// Errors: kModelInvalid when the model's tensors are not as expected.
  static Result<IdentityNet> Create(nn::ConvolutionNetwork network);

  /// `picture`: any size, kF32 in 0..1. `points`: the face's five points in it, in pixels.
  Result<IdentityFeature> Describe(ImageView picture, const FivePoints& points,
                                   std::stop_token stop) const;

 private:
  explicit IdentityNet(nn::ConvolutionNetwork network) : network_(std::move(network)) {}
  nn::ConvolutionNetwork network_;
};

}  // namespace gpen::face
