// Manifest: what must be known of a network beside its weights, in a JSON file of the same name.
//
// models/gpen-lite-256.json describes models/gpen-lite-256.onnx. Nothing about a network is
// guessed from its file name. Values; no shared state.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gpen::nn {

/// What the network makes of an aligned face; kPhoto: what it makes of a photo of any size, cleaned
/// and enlarged (restore/photo_network.h); kParsing: what a face's pixels show
/// (face/face_parser.h).
enum class Task : std::uint8_t {
  kRestoration,
  kColorization,
  kInpainting,
  kSegmentationToFace,
  kPhoto,
  kParsing
};
enum class ColorOrder : std::uint8_t { kRgb, kBgr };
/// Where the five alignment points lie in the network's input; see face/alignment.h.
enum class FaceTemplate : std::uint8_t { kFfhq, kGpen };

/// Whether the network makes a picture of an aligned face, as those that are chosen by name do.
constexpr bool MakesFaces(Task task) { return task != Task::kPhoto && task != Task::kParsing; }

std::string_view NameOf(Task task);
std::string_view NameOf(ColorOrder order);
std::string_view NameOf(FaceTemplate face_template);

struct Manifest {
  std::string name;     ///< "gpen-lite-256": letters, digits, '.', '-' and '_'.
  std::string version;  ///< Of the weights: "1", "2", ...
  std::string file;     ///< Name of the ONNX file, in the manifest's folder.
  std::string sha256;   ///< Of that file.
  Task task = Task::kRestoration;
  /// Pixels; input and output are 1 x 3 x size x size. Of kPhoto and kParsing only what its file
  /// states of its input.
  int input_size = 256;
  std::array<float, 2> value_range = {-1.0F, 1.0F};  ///< What black and white are in the network.
  ColorOrder color_order = ColorOrder::kRgb;
  FaceTemplate face_template = FaceTemplate::kFfhq;  ///< Says nothing of kPhoto and kParsing.
  bool residual = false;  ///< The graph adds its input to its output itself.
  /// How many weights the network has, for the memory that it takes; 0 where an older manifest does
  /// not say.
  std::int64_t parameters = 0;
  std::string license;
  std::string provenance;  ///< Where the weights come from, for the person who asks.
};

/// kInvalidArgument where `name` cannot name a model: letters, digits, '.' (not first), '-', '_'.
Result<void> CheckModelName(std::string_view name);

/// Errors: kModelInvalid, naming the field, what was expected and what was found. Unknown fields
/// are errors too: they are most likely misspelt.
Result<Manifest> ParseManifest(std::string_view json);

/// The JSON text of `manifest`, indented, with a final newline. ParseManifest reads it back.
std::string FormatManifest(const Manifest& manifest);

/// Reads `path` (a .json file). Errors: kModelMissing, and those of ParseManifest.
Result<Manifest> LoadManifest(const std::filesystem::path& path);

}  // namespace gpen::nn
