// GraphForm: the choices among equal ways to compute GPEN, which differ in speed alone.
//
// bench/graph_bench compares them; docs/adr/0008 says what the defaults rest on. Every combination
// gives the same output up to rounding, and the tests check that.
#pragma once

#include <cstdint>

namespace gpen::model {

/// How a level doubles its resolution: transposed convolution 3x3 with stride 2, then a blur.
enum class UpsampleForm : std::uint8_t {
  kTransposedConvolution,  ///< As written; runs outside of the runtime's blocked layout.
  kPolyphase,              ///< Four small convolutions, one per output phase, then interleaved.
  kBiasedPolyphase,        ///< The same with the bias before the blur, which then activates too.
  kFoldedBlur,             ///< One 3x3 convolution to 4C channels that contains the blur.
};

/// How a per-channel factor that depends on the photo reaches a feature map.
enum class ModulationForm : std::uint8_t {
  kBroadcast,  ///< Mul with 1 x C x 1 x 1: leaves the blocked layout.
  kExpanded,   ///< Mul with the factors repeated to full size: stays in it.
  kMixed,  ///< Expanded where the map is in the blocked layout, and stays in it, else broadcast.
};

/// How an activation follows a sum that the runtime cannot fuse it with.
enum class ActivationForm : std::uint8_t {
  kPlain,    ///< As it is: leaves the blocked layout.
  kBlocked,  ///< Behind a convolution that changes nothing, which it fuses with: stays in it.
};

enum class BlurForm : std::uint8_t {
  kDepthwise,  ///< 4x4 depthwise convolution.
  kSeparable,  ///< 4x1, then 1x4.
};

struct GraphForm {
  UpsampleForm upsample = UpsampleForm::kBiasedPolyphase;
  ModulationForm modulation = ModulationForm::kMixed;
  BlurForm blur = BlurForm::kDepthwise;
  /// From this output resolution on, the weights of transposed convolutions are modulated instead
  /// of their input: there are fewer weights than values then.
  int modulated_weights_from = 64;
  /// Convolve the two halves of a level's channels separately and add, instead of concatenating.
  bool split_halves = true;
  ActivationForm activation = ActivationForm::kPlain;
  /// Below this output resolution polyphase levels use transposed convolutions: fewer nodes.
  int polyphase_from = 32;
  /// Below this resolution factors and activations take their plain forms: fewer nodes.
  int blocked_from = 32;
  /// From this many values in a row of the output (channels times resolution) on, at resolutions of
  /// `blocked_from` and more, a level's second convolution is Winograd's.
  int winograd_from = 8192;
};

/// The form that is closest to the reference implementation, to check the others against.
inline constexpr GraphForm kPlainForm = {.upsample = UpsampleForm::kTransposedConvolution,
                                         .modulation = ModulationForm::kBroadcast,
                                         .modulated_weights_from = 1 << 20,
                                         .split_halves = false,
                                         .winograd_from = 1 << 20};

}  // namespace gpen::model
