// An installed model is loaded only if it is what its manifest states.
//
// The one way from a manifest to a session, for everything that runs installed models.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "nn/convolution_network.h"
#include "nn/manifest.h"
#include "nn/session.h"

namespace gpen::nn {

/// Errors: kModelMissing (no file at `path`), kModelInvalid (its checksum is not the manifest's).
Result<void> CheckModelFile(const Manifest& manifest, const std::filesystem::path& path);

/// Checks the file's checksum, that there is memory for it, and that it has one input and one
/// output of 1 x 3 x size x size.
///
/// Errors: those of CheckModelFile, CheckMemory and Session::Load; kModelInvalid for other shapes,
/// kInvalidArgument for a network that makes no faces.
Result<std::unique_ptr<Session>> LoadInstalled(const Manifest& manifest,
                                               const std::filesystem::path& path,
                                               const SessionOptions& options);

/// The same for a network of kPhoto or kParsing, by our own kernels.
///
/// Errors: those of CheckModelFile, onnx::ReadModel and ConvolutionNetwork::FromModel.
Result<ConvolutionNetwork> LoadInstalledConvolutions(const Manifest& manifest,
                                                     const std::filesystem::path& path);

}  // namespace gpen::nn
