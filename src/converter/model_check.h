// Checks that a model runs and that our kernels compute what its functions say.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "converter/converter.h"

namespace gpen::converter {

/// A smooth test picture of channels x size x size in `range`, the same at every call.
std::vector<float> TestPicture(int size, std::array<float, 2> range, int channels = 3);

/// Loads `path` and runs it once on `input`.
///
/// Errors: those of nn::Session; kModelInvalid where the input has another size or the output is
/// not finite.
Result<std::vector<float>> RunOnce(const std::filesystem::path& path,
                                   const std::vector<float>& input, int threads,
                                   bool own_kernels = true);

/// Largest difference between the written model and a model of the same checkpoint with float32
/// weights that is run without our kernels, on TestPicture. The second model lies in a temporary
/// file beside `written` meanwhile. Of a network for photos: between the runtime and our kernels.
Result<double> DifferenceFromPlainForm(const std::filesystem::path& checkpoint,
                                       const ConvertOptions& options,
                                       const std::filesystem::path& written, int threads);

}  // namespace gpen::converter
