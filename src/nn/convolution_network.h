// ConvolutionNetwork: a plain convolutional network by our own kernels, row by row.
//
// It reads the graph out of an ONNX model (see convolution_import.h) and takes an input of any
// height and width: a whole photo costs no more memory than a few of its rows. One thread computes;
// Run() may be called from several at once. What a network's own nodes do after its last
// convolutions is left to the caller.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "onnx/onnx_model.h"

namespace gpen::nn {

/// One output of a network: height x width x channels.
struct FeatureMap {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<float> values;

  const float* At(int y, int x) const {
    return values.data() + (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                            static_cast<std::size_t>(x)) *
                               static_cast<std::size_t>(channels);
  }
};

/// What FeatureMap says without its values.
struct MapShape {
  int height = 0;
  int width = 0;
  int channels = 0;
  bool operator==(const MapShape&) const = default;
};

class ConvolutionNetwork {
 public:
  /// Errors: those of ImportConvolutions and of the model's source. `name` is used in messages.
  static Result<ConvolutionNetwork> FromModel(const onnx::OnnxModel& model,
                                              const std::string& name);

  ConvolutionNetwork(ConvolutionNetwork&&) noexcept;
  ConvolutionNetwork& operator=(ConvolutionNetwork&&) noexcept;
  ~ConvolutionNetwork();

  /// Of the model's file, for messages.
  const std::string& name() const;
  int input_channels() const;

  /// How many pixels of the input to each side of its own place a pixel of the first output sees.
  int Reach() const;

  /// Pixels of the input that the coarsest map makes one of. An input whose sides are multiples of
  /// it is seen whole, and where it begins at such a multiple of another, alike.
  int Unit() const;

  /// Of the outputs, in the order of the graph, for an input of this size.
  std::vector<MapShape> OutputShapes(int height, int width) const;

  static constexpr std::size_t kAllOutputs = std::numeric_limits<std::size_t>::max();

  /// Writes row y of the input, width x input_channels().
  using FillRow = std::function<void(int y, float* row)>;

  /// The first `most_outputs` outputs for an input of `height` x `width`, which is asked for from
  /// top to bottom, each row once. Layers that only the others need are left out. `stop` ends a run
  /// early with kCancelled.
  ///
  /// Errors: kCancelled. Lack of memory is std::bad_alloc.
  Result<std::vector<FeatureMap>> Run(int height, int width, const FillRow& fill_row,
                                      std::stop_token stop = {},
                                      std::size_t most_outputs = kAllOutputs) const;

  /// Takes row y of the first output, whose pixels are `step` floats apart; it is valid during the
  /// call.
  using TakeRow = std::function<void(int y, const float* row, int step)>;

  /// The same of the first output alone, row by row from top to bottom, so that no map is ever
  /// whole. Errors: kCancelled. Lack of memory is std::bad_alloc.
  Result<void> Stream(int height, int width, const FillRow& fill_row, const TakeRow& take_row,
                      std::stop_token stop = {}) const;

 private:
  struct State;
  explicit ConvolutionNetwork(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gpen::nn
