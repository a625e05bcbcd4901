// Which photos a command works on, and where their results go.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/photo.h"

namespace gpen::app {

struct OutputRules {
  std::filesystem::path file;  ///< -o: only for a single photo.
  std::filesystem::path
      folder;  ///< -d: results go here, in the same tree as below the inputs, links or not.
  std::optional<codec::Format> format;
  bool in_place = false;  ///< Replace the input, which is kept as NAME.original.EXT.
};

struct PhotoTask {
  std::filesystem::path input;
  std::filesystem::path output;  ///< NAME.restored.EXT unless the rules say otherwise.
  std::filesystem::path backup;  ///< Where the original is kept; empty unless in place.
};

/// Files are taken as they are; of folders the files with a photo's extension, sorted by name, in
/// subfolders too where `recursive`. Hidden files and our own results are left out.
///
/// Errors: kNotFound (an input does not exist), kInvalidArgument (rules that do not fit the inputs,
/// or an output that is an input).
Result<std::vector<PhotoTask>> ListPhotos(const std::vector<std::filesystem::path>& inputs,
                                          bool recursive, const OutputRules& rules);

}  // namespace gpen::app
