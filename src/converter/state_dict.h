// The dict of weights in a checkpoint's pickle, wherever training programs put it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "converter/pickle_reader.h"

namespace gpen::converter {

struct StateDict {
  std::uint32_t node = 0;    ///< Index into Pickle::nodes.
  std::string nested_under;  ///< The key it stands under, such as "g_ema"; empty: it is the whole.
};

/// Errors: kModelInvalid, with what is there instead and what to do; `file_name` is for messages.
Result<StateDict> FindStateDict(const std::string& file_name, const Pickle& pickle);

/// The value of the text `key` in the dict `dict` (indices into Pickle::nodes), if it has one.
std::optional<std::uint32_t> LookUp(const Pickle& pickle, std::uint32_t dict, std::string_view key);

}  // namespace gpen::converter
