// WatchFolder: what a person chose about one watched folder, as far as watching goes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"

namespace gpen::watch {

struct WatchFolder {
  std::string name;            ///< Unique: the ledger remembers files by it.
  std::filesystem::path path;  ///< Absolute.
  /// One name: a folder of that name beside each photo. An absolute path: another root, with the
  /// same tree below it.
  std::filesystem::path output = "enhanced";
  bool recursive = true;
  bool always_poll = false;
  Milliseconds after_closing{2'000};  ///< A photo that was closed or moved in waits so long.
  Milliseconds stable{10'000};  ///< Without a change, where nobody tells that a file was closed.
  /// A photo without its end is waited for so long after its last change, then it fails.
  Milliseconds cut_short{600'000};
  bool keep_date = true;             ///< A result gets the photo's time of modification.
  Milliseconds poll{30'000};         ///< Between two looks at a folder that is polled.
  std::vector<std::string> skipped;  ///< Patterns of names.
  /// Absolute paths that are never entered: outputs, other watched folders, our own data.
  std::vector<std::filesystem::path> excluded;

  bool output_is_sibling() const { return !output.is_absolute(); }
};

}  // namespace gpen::watch
