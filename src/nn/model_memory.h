// What memory a model takes, and whether there is enough of it: asked before loading, because the
// system ends a process that takes too much without a word.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "nn/manifest.h"

namespace gpen::nn {

/// What loading and running a model is expected to take at its peak, in bytes.
std::int64_t EstimateMemory(std::int64_t weight_bytes, int image_size, int widest_channels);

/// The same for the model of `manifest`, whose file has `file_bytes`. They count where the manifest
/// does not state the parameters; weights stored as halves are then taken for half as many.
std::int64_t EstimateMemory(const Manifest& manifest, std::int64_t file_bytes);

/// kOutOfMemory, with what is needed and what there is, where this machine has too little memory
/// left to load and run a model whose file has `file_bytes`.
Result<void> CheckMemory(const Manifest& manifest, std::int64_t file_bytes);

}  // namespace gpen::nn
