// A check that a loaded network has the tensors that our code reads.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/session.h"

namespace gpen::face {

using Shapes = std::vector<std::vector<std::int64_t>>;

/// Errors: kModelInvalid with the expected and the found shapes.
Result<void> CheckShapes(const nn::Session& session, std::string_view network, const Shapes& inputs,
                         const Shapes& outputs);

}  // namespace gpen::face
