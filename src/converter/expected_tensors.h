// The tensors that a state dict of a known network must hold, each with its shape, and no others.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "converter/checkpoint.h"

namespace gpen::converter {

/// How many values they have together. `network`: "a photo network", for messages. Errors:
/// kModelInvalid, naming the tensor, what was expected and what was found.
Result<std::int64_t> CheckTensors(const Checkpoint& checkpoint,
                                  const std::map<std::string, Shape>& expected,
                                  std::string_view network);

/// How many channels the convolution whose weights `name` are gives, 1 to 512. Errors: as above.
Result<int> ChannelsOf(const Checkpoint& checkpoint, const std::string& name);

}  // namespace gpen::converter
