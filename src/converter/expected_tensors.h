// The tensors that a state dict of a known network must hold, each with its shape, and no others.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "converter/checkpoint.h"

namespace gpen::converter {

/// By the tensors' names.
using Shapes = std::map<std::string, Shape>;

/// Of the weights, whose shape is `weights`, and the bias of the convolution `name`.
void ExpectConvolution(const std::string& name, Shape weights, Shapes* shapes);

/// How many values they have together. `network`: "a photo network", for messages. Errors:
/// kModelInvalid, naming the tensor, what was expected and what was found.
Result<std::int64_t> CheckTensors(const Checkpoint& checkpoint, const Shapes& expected,
                                  std::string_view network);

/// How many channels the convolution whose weights `name` are gives, 1 to 512. Errors: as above.
Result<int> ChannelsOf(const Checkpoint& checkpoint, const std::string& name);

}  // namespace gpen::converter
