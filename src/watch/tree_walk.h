// TreeWalk: meets every folder and every photo beneath a root once, in bounded memory.
//
// Never follows symbolic links, never enters excluded folders. Belongs to one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "watch/file_identity.h"
#include "watch/name_filter.h"

namespace gpen::watch {

struct TreeWalkOptions {
  bool recursive = true;
  NameFilter filter;
  std::string sibling;                          ///< Name of folders with our results; empty: none.
  std::vector<std::filesystem::path> excluded;  ///< Absolute.
};

struct TreeVisitor {
  /// Before its files are listed: whoever wants to hear of changes starts to listen here.
  std::function<Result<void>(int folder, const std::string& relative)> on_folder;
  std::function<Result<void>(const std::string& relative, const FileIdentity& identity)> on_photo;
};

/// Walks from the folder `start` ("": the root). Returns what could not be read, for people; an
/// error of the visitor or of the root ends the walk, `stop` ends it with kCancelled.
Result<std::vector<std::string>> WalkTree(int root, const std::string& start,
                                          const TreeWalkOptions& options,
                                          const TreeVisitor& visitor, std::stop_token stop = {});

}  // namespace gpen::watch
