// WeightSource: a checkpoint's tensors as initializers, read and transformed when they are written.
//
// Small tensors are read at once. The first failure is remembered and given by status(), so that
// building a graph needs no check after each tensor.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "converter/checkpoint.h"
#include "converter/onnx_names.h"

namespace gpen::converter {

class WeightSource {
 public:
  using Transform = std::function<std::vector<float>(std::vector<float>)>;

  explicit WeightSource(std::shared_ptr<const Checkpoint> checkpoint)
      : checkpoint_(std::move(checkpoint)) {}

  /// Values of a small tensor, now, times `factor`. Zeros after a failure.
  std::vector<float> Read(const std::string& name, double factor = 1.0);

  /// A tensor under a new shape, each value times `factor`.
  Initializer Scaled(const std::string& name, Shape shape, double factor) const;

  /// A tensor that `transform` makes of the values of `name`; `shape` is the result's.
  Initializer Transformed(const std::string& name, Shape shape, Transform transform) const;

  /// Tensors one after another, tensor i times `factors[i]`.
  Initializer Joined(std::vector<std::string> names, Shape shape,
                     std::vector<double> factors) const;

  /// Dimensions in the checkpoint; the tensor must be there.
  const Shape& ShapeOf(const std::string& name) const;

  /// The first failure of Read().
  Result<void> status() const;

 private:
  std::shared_ptr<const Checkpoint> checkpoint_;
  std::shared_ptr<Error> failure_;
};

}  // namespace gpen::converter
