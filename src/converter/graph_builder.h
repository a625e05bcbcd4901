// GraphBuilder: adds nodes and constants to an OnnxModel under readable, unique names.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "converter/onnx_names.h"

namespace gpen::converter {

class GraphBuilder {
 public:
  using Attributes = std::map<std::string, Attribute>;

  explicit GraphBuilder(OnnxModel& model) : model_(model) {}

  /// Names of what follows begin with `scope` and "/".
  void SetScope(std::string scope) { scope_ = std::move(scope); }

  /// Adds a node with one output, whose name is returned.
  std::string Add(const std::string& op, std::vector<std::string> inputs,
                  Attributes attributes = {});

  /// The same for one of our layers (model/gpen_functions.h).
  std::string AddLayer(const std::string& op, std::vector<std::string> inputs);

  /// Adds a Split of `input` along axis 1 into parts of these sizes.
  std::vector<std::string> Split(const std::string& input, const std::vector<std::int64_t>& sizes);

  /// PyTorch's pixel_unshuffle of `x` (1 x channels x factor*side x factor*side) and its inverse,
  /// to and from 1 x channels*factor*factor x side x side. Factor 1: `x` itself.
  std::string PixelUnshuffle(const std::string& x, std::int64_t channels, std::int64_t side,
                             std::int64_t factor);
  std::string PixelShuffle(const std::string& x, std::int64_t factor);

  std::string Floats(Shape shape, std::vector<float> values);
  std::string Integers(std::vector<std::int64_t> values);
  /// A large constant under `label`.
  std::string Weight(const std::string& label, Initializer initializer);

  /// Adds an Identity that gives `value` the name of a graph output.
  void NameOutput(const std::string& value, const std::string& output);

 private:
  std::string NewName(const std::string& label);

  OnnxModel& model_;
  std::string scope_;
  std::map<std::string, int> used_;  // Label with scope -> how often.
};

}  // namespace gpen::converter
