#include "converter/converter.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "base/sha256.h"
#include "converter/gpen_graph.h"
#include "converter/half_weights.h"
#include "converter/onnx_names.h"
#include "converter/parsing_graph.h"
#include "converter/photo_graph.h"
#include "converter/repair_graph.h"

namespace gpen::converter {
namespace {

namespace fs = std::filesystem;

Result<AtomicFile> Stage(const OnnxModel& model, const fs::path& output) {
  GPEN_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(output));
  GPEN_TRY(WriteModel(model, [&](std::span<const std::byte> part) { return file.Write(part); }));
  return file;
}

using SharedCheckpoint = std::shared_ptr<const Checkpoint>;

Conversion ForPhotos(OnnxModel model, std::string summary, std::int64_t parameters) {
  Conversion conversion;
  conversion.model = std::move(model);
  conversion.summary = std::move(summary);
  nn::Manifest& manifest = conversion.manifest;
  manifest.input_size = kPhotoGraphSide;
  manifest.value_range = {0.0F, 1.0F};
  manifest.parameters = parameters;
  return conversion;
}

Result<Conversion> ConvertPhotoNetwork(const SharedCheckpoint& checkpoint) {
  if (LooksLikeRepairNetwork(*checkpoint)) {
    GPEN_ASSIGN_OR_RETURN(const auto network, DescribeRepairNetwork(checkpoint));
    GPEN_ASSIGN_OR_RETURN(auto model, BuildRepairGraph(checkpoint, network));
    return ForPhotos(std::move(model), network.Summary(), network.parameters);
  }
  GPEN_ASSIGN_OR_RETURN(const auto network, DescribePhotoNetwork(checkpoint));
  GPEN_ASSIGN_OR_RETURN(auto model, BuildPhotoGraph(checkpoint, network));
  auto conversion = ForPhotos(std::move(model), network.Summary(), network.parameters);
  conversion.residual = true;
  return conversion;
}

Result<Conversion> ConvertParsingNetwork(const SharedCheckpoint& checkpoint) {
  Conversion conversion;
  GPEN_ASSIGN_OR_RETURN(const auto network, DescribeParsingNetwork(*checkpoint));
  GPEN_ASSIGN_OR_RETURN(conversion.model, BuildParsingGraph(checkpoint));
  conversion.summary = network.Summary();
  nn::Manifest& manifest = conversion.manifest;
  manifest.input_size = kParsingSide;
  manifest.parameters = network.parameters;
  return conversion;
}

Result<Conversion> ConvertGpen(const SharedCheckpoint& checkpoint, const ConvertOptions& options) {
  Conversion conversion;
  GPEN_ASSIGN_OR_RETURN(conversion.description, DescribeGpen(*checkpoint));
  const GpenDescription& network = conversion.description;
  conversion.residual = options.residual.value_or(network.unshuffle > 1);
  GPEN_ASSIGN_OR_RETURN(conversion.model, BuildGpenGraph(checkpoint, network, conversion.residual));
  if (options.half_weights) StoreWeightsAsHalf(conversion.model);
  conversion.summary = network.Summary();

  nn::Manifest& manifest = conversion.manifest;
  manifest.input_size = network.image_size;
  // The segmentation network was trained on images in [0, 1].
  if (options.task == nn::Task::kSegmentationToFace) manifest.value_range = {0.0F, 1.0F};
  manifest.face_template = options.face_template.value_or(
      network.unshuffle > 1 ? nn::FaceTemplate::kFfhq : nn::FaceTemplate::kGpen);
  manifest.parameters = network.parameters;
  return conversion;
}

// That `task` is one of those that the network can have.
Result<void> CheckTask(const Checkpoint& checkpoint, nn::Task task) {
  const bool is_for_photos =
      LooksLikePhotoNetwork(checkpoint) || LooksLikeRepairNetwork(checkpoint);
  const bool is_for_parsing = LooksLikeParsingNetwork(checkpoint);
  const bool fits = is_for_photos    ? task == nn::Task::kPhoto
                    : is_for_parsing ? task == nn::Task::kParsing
                                     : nn::MakesFaces(task);
  if (fits) return {};
  return Error(
      ErrorCode::kInvalidArgument,
      fmt::format("{}: expected a network of the task {}, found one for {}: give --task {}",
                  checkpoint.file_name(), nn::NameOf(task),
                  is_for_photos ? "whole photos" : "faces",
                  is_for_photos    ? "photo"
                  : is_for_parsing ? "parsing"
                                   : "restoration, or what it does"));
}

}  // namespace

Result<Conversion> Convert(const fs::path& checkpoint_path, const ConvertOptions& options) {
  GPEN_ASSIGN_OR_RETURN(auto opened, Checkpoint::Open(checkpoint_path));
  const auto checkpoint = std::make_shared<const Checkpoint>(std::move(opened));
  GPEN_TRY(CheckTask(*checkpoint, options.task));
  auto made = options.task == nn::Task::kPhoto     ? ConvertPhotoNetwork(checkpoint)
              : options.task == nn::Task::kParsing ? ConvertParsingNetwork(checkpoint)
                                                   : ConvertGpen(checkpoint, options);
  GPEN_ASSIGN_OR_RETURN(Conversion conversion, std::move(made));
  nn::Manifest& manifest = conversion.manifest;
  manifest.version = options.version;
  manifest.task = options.task;
  manifest.residual = conversion.residual;
  manifest.license = options.license;
  manifest.provenance = options.provenance;
  if (manifest.provenance.empty()) {
    GPEN_ASSIGN_OR_RETURN(const auto sha256, Sha256OfFile(checkpoint_path));
    manifest.provenance =
        fmt::format("Converted from {} (sha256 {})", checkpoint_path.filename().string(), sha256);
  }
  conversion.model.metadata["gpen.network"] = conversion.summary;
  return conversion;
}

Result<StagedConversion> StagedConversion::Write(const Conversion& conversion,
                                                 const fs::path& output) {
  nn::Manifest manifest = conversion.manifest;
  manifest.name = output.stem().string();
  manifest.file = output.filename().string();
  GPEN_TRY(nn::CheckModelName(manifest.file));
  GPEN_ASSIGN_OR_RETURN(auto model, Stage(conversion.model, output));
  GPEN_ASSIGN_OR_RETURN(manifest.sha256, Sha256OfFile(model.temporary_path()));
  GPEN_ASSIGN_OR_RETURN(auto manifest_file,
                        AtomicFile::Create(fs::path(output).replace_extension(".json")));
  const std::string text = nn::FormatManifest(manifest);
  // What would not be read back, such as an empty licence, must not be written.
  GPEN_TRY(nn::ParseManifest(text));
  GPEN_TRY(manifest_file.Write(AsBytes(text)));
  return StagedConversion(std::move(manifest), std::move(model), std::move(manifest_file));
}

Result<void> StagedConversion::Install(AtomicFile::IfExists if_exists) {
  GPEN_TRY(model_.Commit(if_exists));
  return manifest_file_.Commit();
}

Result<std::string> WriteModelFile(const OnnxModel& model, const fs::path& output) {
  GPEN_ASSIGN_OR_RETURN(auto file, Stage(model, output));
  GPEN_TRY(file.Commit());
  return Sha256OfFile(output);
}

Result<nn::Manifest> WriteConversion(const Conversion& conversion, const fs::path& output) {
  GPEN_ASSIGN_OR_RETURN(auto staged, StagedConversion::Write(conversion, output));
  GPEN_TRY(staged.Install());
  return staged.manifest();
}

}  // namespace gpen::converter
