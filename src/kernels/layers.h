// The layers of GPEN as kernels of our own: each is one pass over channels-last maps, with the
// style, the blur, the bias and the activation inside.
//
// Every function is compiled for several sets of vector instructions and takes the widest that the
// machine has. Maps are height x width x channels of floats. Activations leave their gain sqrt(2)
// to whoever reads them: y = x < 0 ? 0.2 x : x.
#pragma once

#include <functional>
#include <memory>
#include <vector>

namespace gpen::kernels {

/// Calls work(i) for every i in [0, count), on several threads at once.
struct Workers {
  int threads = 1;
  std::function<void(int count, const std::function<void(int)>& work)> for_each;
};

/// A 3x3 convolution's weights: out / block x 3 x 3 x in x block, so that what is read together
/// lies together.
struct Weights {
  const float* values = nullptr;
  int in = 0;
  int out = 0;
  int block = 0;
};

/// Of a convolution's output, per channel: y = activation(factor * x + bias).
struct Ending {
  const float* factor = nullptr;  ///< nullptr: 1.
  const float* bias = nullptr;
};

/// What a decoder layer reads: the convolved half, and the encoder's half as the layer sees it,
/// activation(feature_scale * feature + feature_bias); both times their styles.
struct StyledInput {
  const float* image = nullptr;
  const float* feature = nullptr;
  float feature_scale = 1;
  const float* feature_bias = nullptr;  ///< `channels`.
  const float* style = nullptr;         ///< 2 * `channels`.
  int height = 0;
  int width = 0;
  int channels = 0;  ///< Of each half.
};

/// 1x1: `input` is colors x height x width, `weight` colors x channels.
struct PointwiseConvolution {
  const float* input = nullptr;
  const float* weight = nullptr;
  const float* bias = nullptr;
  int colors = 0;
  int height = 0;
  int width = 0;
  int channels = 0;
};
void Run(const PointwiseConvolution& layer, float* output, const Workers& workers);

/// Blur 4x4 with padding 2, then 3x3 with stride 2: height x width -> half of each.
struct EncoderConvolution {
  const float* input = nullptr;
  int height = 0;
  int width = 0;
  const float* blur = nullptr;  ///< 4x4, as a correlation.
  Weights weights;
  Ending ending;
};
void Run(const EncoderConvolution& layer, float* output, const Workers& workers);

/// The weights of a 3x3 convolution in the form in which 4x4 outputs take 36 products.
class WinogradWeights {
 public:
  WinogradWeights(const Weights& weights, const Workers& workers);
  /// 6 x 6 x out / block x in x block.
  const float* values() const { return values_.get(); }

 private:
  std::unique_ptr<float[]> values_;
};

/// Whether the products saved are worth the larger weights for a map of this size.
bool IsWinogradWorthIt(int height, int width);

/// 3x3 with padding 1.
struct StyledConvolution {
  StyledInput input;
  Weights weights;
  const WinogradWeights* winograd = nullptr;  ///< Height and width are multiples of 4 then.
  Ending ending;
};
void Run(const StyledConvolution& layer, float* output, const Workers& workers);

/// Transposed 3x3 with stride 2, then a blur 4x4 with padding 1: twice the height and width.
struct StyledUpConvolution {
  StyledInput input;
  Weights weights;
  const float* blur = nullptr;  ///< 4x4, as a correlation.
  Ending ending;
};
void Run(const StyledUpConvolution& layer, float* output, const Workers& workers);

/// 1x1 to colors x height x width, no activation; added to the image so far, `skip`, of half the
/// height and width, enlarged by a transposed 4x4 with stride 2 and padding 1.
struct ToRgb {
  StyledInput input;
  const float* weight = nullptr;  ///< colors x (2 * channels).
  const float* bias = nullptr;
  const float* skip = nullptr;
  const float* enlarge = nullptr;  ///< 4x4.
  int colors = 0;
};
void Run(const ToRgb& layer, float* output, const Workers& workers);

}  // namespace gpen::kernels
