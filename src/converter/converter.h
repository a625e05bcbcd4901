// Converter: a checkpoint (.pth) of a GPEN, or of a network for whole photos -> ONNX file and
// manifest.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/result.h"
#include "converter/checkpoint.h"
#include "converter/gpen_description.h"
#include "converter/onnx_names.h"
#include "nn/manifest.h"

namespace gpen::converter {

/// What the weights do not tell. Unset values follow from the network: one behind a pixel unshuffle
/// is of this project's kind (residual, template ffhq), any other is a released GPEN (template
/// gpen).
struct ConvertOptions {
  bool half_weights = false;  ///< Of GPEN; a network for photos is small.
  std::optional<bool> residual = std::nullopt;
  std::optional<nn::FaceTemplate> face_template = std::nullopt;
  nn::Task task = nn::Task::kRestoration;
  std::string version = "1";
  std::string license = "unknown: ask whoever gave you the weights";
  std::string provenance = "";  ///< Empty: the checkpoint's name and checksum.
};

/// A conversion before it is written.
struct Conversion {
  GpenDescription description;  ///< As by default of a network for photos.
  std::string summary;          ///< What network it is, for people.
  OnnxModel model;
  nn::Manifest manifest;  ///< Without file and sha256.
  bool residual = false;
};

/// Opens and checks `checkpoint` and builds the graph. Weights are read when the model is written.
///
/// Errors: those of Checkpoint::Open, DescribeGpen and BuildGpenGraph, or of those of
/// photo_graph.h, repair_graph.h or parsing_graph.h; kInvalidArgument where options.task does not
/// fit the network.
Result<Conversion> Convert(const std::filesystem::path& checkpoint, const ConvertOptions& options);

/// A conversion that lies whole beside its output under temporary names, so that it can be tested
/// before it takes the place of what is there. Removed at the end unless Install() succeeded.
class StagedConversion {
 public:
  /// Errors: kInvalidArgument for a name that a manifest cannot hold; those of writing.
  static Result<StagedConversion> Write(const Conversion& conversion,
                                        const std::filesystem::path& output);

  /// The ONNX file under its temporary name.
  std::filesystem::path path() const { return model_.temporary_path(); }
  const nn::Manifest& manifest() const { return manifest_; }

  /// Puts OUTPUT.onnx and OUTPUT.json in place. With kFail an existing model is kConflict.
  Result<void> Install(AtomicFile::IfExists if_exists = AtomicFile::IfExists::kReplace);

 private:
  StagedConversion(nn::Manifest manifest, AtomicFile model, AtomicFile manifest_file)
      : manifest_(std::move(manifest)),
        model_(std::move(model)),
        manifest_file_(std::move(manifest_file)) {}

  nn::Manifest manifest_;
  AtomicFile model_;
  AtomicFile manifest_file_;
};

/// Writes the model to `output` atomically and returns the file's SHA-256.
Result<std::string> WriteModelFile(const OnnxModel& model, const std::filesystem::path& output);

/// Writes `conversion` as OUTPUT.onnx and beside it OUTPUT.json; both appear whole. Returns the
/// manifest. Errors: those of StagedConversion::Write.
Result<nn::Manifest> WriteConversion(const Conversion& conversion,
                                     const std::filesystem::path& output);

}  // namespace gpen::converter
