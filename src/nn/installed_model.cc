#include "nn/installed_model.h"

#include <fmt/format.h>

#include <string_view>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "nn/model_memory.h"
#include "onnx/byte_source.h"
#include "onnx/onnx_reader.h"

namespace gpen::nn {
namespace {

namespace fs = std::filesystem;

Result<void> CheckShape(const TensorInfo& tensor, std::string_view kind, int size,
                        const fs::path& path) {
  const std::vector<std::int64_t> expected = {1, 3, size, size};
  if (tensor.shape == expected) return {};
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: its manifest asks for an {} of {}, the model has {}: convert it "
                           "again",
                           path.string(), kind, ShapeText(expected), ShapeText(tensor.shape)));
}

}  // namespace

Result<void> CheckModelFile(const Manifest& manifest, const fs::path& path) {
  const auto sha256 = Sha256OfFile(path);
  if (!sha256) {
    return Error(ErrorCode::kModelMissing,
                 fmt::format("the manifest of {} names a model file that is missing: {}; install "
                             "the model again",
                             manifest.name, sha256.error().message()));
  }
  if (*sha256 == manifest.sha256) return {};
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: expected sha256 {} (from its manifest), found {}. The file is "
                           "damaged or was replaced: install the model again",
                           path.string(), manifest.sha256, *sha256));
}

Result<std::unique_ptr<Session>> LoadInstalled(const Manifest& manifest, const fs::path& path,
                                               const SessionOptions& options) {
  if (manifest.task == Task::kPhoto) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("the model {} is made for whole photos of any size, where one for "
                             "faces was expected: use it by --enlarge, --clean or --repair",
                             manifest.name));
  }
  if (manifest.task == Task::kParsing) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("the model {} tells the parts of a face apart, where one that makes "
                             "faces was expected: it is used by itself",
                             manifest.name));
  }
  GPEN_TRY(CheckModelFile(manifest, path));
  std::error_code error;
  const auto file_bytes = fs::file_size(path, error);
  if (!error) GPEN_TRY(CheckMemory(manifest, static_cast<std::int64_t>(file_bytes)));
  // Loaded by its path: a model's bytes in memory would add their size to the peak.
  GPEN_ASSIGN_OR_RETURN(auto session, Session::Load(path, options));
  if (session->inputs().size() != 1 || session->outputs().size() != 1) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected one input and one output, found {} and {}",
                             path.string(), session->inputs().size(), session->outputs().size()));
  }
  GPEN_TRY(CheckShape(session->inputs()[0], "input", manifest.input_size, path));
  GPEN_TRY(CheckShape(session->outputs()[0], "output", manifest.input_size, path));
  return session;
}

Result<ConvolutionNetwork> LoadInstalledConvolutions(const Manifest& manifest,
                                                     const fs::path& path) {
  constexpr std::int64_t kMostBytes = 64 << 20;
  GPEN_TRY(CheckModelFile(manifest, path));
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadFile(path, kMostBytes));
  GPEN_ASSIGN_OR_RETURN(const auto graph, onnx::ReadModel(onnx::FromMemory(bytes, path.string())));
  return ConvolutionNetwork::FromModel(graph, path.string());
}

}  // namespace gpen::nn
