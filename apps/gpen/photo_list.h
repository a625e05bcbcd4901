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
  bool in_place = false;       ///< Replace the input, which is kept as NAME.original.EXT.
  bool takes_results = false;  ///< Also NAME.restored.EXT where an input names it.
  bool compares = false;       ///< Each photo gets a picture of before and after too.
};

struct PhotoTask {
  std::filesystem::path input;
  std::filesystem::path output;      ///< NAME.restored.EXT unless the rules say otherwise.
  std::filesystem::path backup;      ///< Where the original is kept; empty unless in place.
  std::filesystem::path comparison;  ///< NAME.compare.jpg beside the output; empty unless wanted.
  bool makes_folder = false;         ///< The output's folder is made where it is missing.
};

struct PhotoList {
  std::vector<PhotoTask> tasks;
  std::vector<std::filesystem::path> results;  ///< Inputs left out because they are our results.
  std::vector<std::filesystem::path> missing;  ///< Inputs that do not exist.
  std::vector<std::filesystem::path> closed;   ///< Folders that may not be read.
  /// Folders below the inputs that were not entered because the list is not recursive.
  int subfolders = 0;
};

/// Of an input that does not exist.
Error NoSuchInput();
/// Of a folder that may not be read.
Error ClosedFolder();

/// Files are taken as they are, but for results of ours; of folders the files with a photo's
/// extension, sorted by name, in subfolders too where `recursive`. Left out there is what watched
/// folders leave out (watch/name_filter.h), and our own results.
///
/// Each photo gets a result's name of its own, of at most 255 bytes. The plain one belongs to the
/// photo whose format the result has: beside IMG_1.jpg, IMG_1.HEIC becomes IMG_1.HEIC.restored.jpg.
///
/// Errors: kNotFound (the folder of -o does not exist), kInvalidArgument (rules that do not fit the
/// inputs, or an output that is an input).
Result<PhotoList> ListPhotos(const std::vector<std::filesystem::path>& inputs, bool recursive,
                             const OutputRules& rules);

}  // namespace gpen::app
