// Time and memory of a model on this machine, each measured in a process of its own.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "nn/manifest.h"

namespace gpen::app {

struct ModelTiming {
  double median_ms = 0;
  double best_ms = 0;
  std::int64_t peak_bytes = 0;  ///< Of the whole process that loaded and ran the model.
};

/// Loads the model in a child process and runs it `runs` times after one run that is not counted.
/// Must be called before this process has other threads.
///
/// Errors: those of nn::LoadInstalled and nn::Session, kInternal (no process).
Result<ModelTiming> TimeModel(const nn::Manifest& manifest, const std::filesystem::path& path,
                              int threads, bool arena, int runs);

}  // namespace gpen::app
