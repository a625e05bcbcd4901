// GraphForm: the choices among equal ways to compute GPEN, which differ in speed alone.
//
// bench/graph_bench compares them; the defaults were as fast as any there on a busy machine, and want
// measuring again on a quiet one. Every combination gives the same output up to rounding, and the tests
// check that.
#pragma once

#include <cstdint>

namespace gpen::model {

/// How a level doubles its resolution: transposed convolution 3x3 with stride 2, then a blur.
enum class UpsampleForm : std::uint8_t {
  kTransposedConvolution,  ///< As written; runs outside of the runtime's blocked layout.
  kPolyphase,              ///< Four small convolutions, one per output phase, then interleaved.
  kFoldedBlur,             ///< One 3x3 convolution to 4C channels that contains the blur.
};

/// How a per-channel factor that depends on the photo reaches a feature map.
enum class ModulationForm : std::uint8_t {
  kBroadcast,  ///< Mul with 1 x C x 1 x 1: leaves the blocked layout.
  kExpanded,   ///< Mul with the factors repeated to full size: stays in it.
};

enum class BlurForm : std::uint8_t {
  kDepthwise,  ///< 4x4 depthwise convolution.
  kSeparable,  ///< 4x1, then 1x4.
};

struct GraphForm {
  UpsampleForm upsample = UpsampleForm::kTransposedConvolution;
  ModulationForm modulation = ModulationForm::kExpanded;
  BlurForm blur = BlurForm::kDepthwise;
  /// From this output resolution on, the weights of transposed convolutions are modulated instead
  /// of their input: there are fewer weights than values then.
  int modulated_weights_from = 64;
  /// Convolve the two halves of a level's channels separately and add, instead of concatenating.
  bool split_halves = true;
};

/// The form that is closest to the reference implementation, to check the others against.
inline constexpr GraphForm kPlainForm = {UpsampleForm::kTransposedConvolution,
                                         ModulationForm::kBroadcast, BlurForm::kDepthwise, 1 << 20,
                                         false};

}  // namespace gpen::model
