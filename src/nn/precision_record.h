// The precision that suits this machine: which installed form of a model runs where it is asked
// for.
//
// `gpen model bench` measures and records; `gpen restore` and `gpen serve` read. A file in the
// user's cache folder, by CPU, so that machines that share the folder keep their own records.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "nn/manifest.h"

namespace gpen::nn {

/// $XDG_CACHE_HOME/gpen/precision.json, in ~/.cache where that is not set.
std::filesystem::path PrecisionRecordPath();

/// Records that `use` runs on this machine where `asked` is asked for. The checksums of both are
/// kept: the record ends when either model is replaced. Errors: those of writing.
Result<void> RecordPrecision(const Manifest& asked, const Manifest& use,
                             const std::filesystem::path& record = PrecisionRecordPath());

/// Name of the model in `models_folder` to run where `name` is asked for: what was recorded, as
/// long as both models are still those that were measured; else `name` itself.
std::string PreferredModel(const std::filesystem::path& models_folder, const std::string& name,
                           const std::filesystem::path& record = PrecisionRecordPath());

}  // namespace gpen::nn
