// WatchSettings: one [[watch]] table of the configuration file: a folder, and what happens to its
// photos.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "restore/photo_options.h"
#include "watch/watch_folder.h"

namespace gpen::watching {

struct WatchSettings {
  watch::WatchFolder folder;
  restore::PhotoOptions options;
  /// Photos without a face: copied to the output, or left out of it.
  bool copies_without_faces = true;
};

struct WatchSetting {
  std::string_view key;
  std::string_view description;
};

/// The keys of a [[watch]] table beside the photo options that it may set.
std::span<const WatchSetting> WatchSettingKeys();

/// Sets `key` of a [[watch]] table; photo options are named as in an upload. Errors:
/// kInvalidArgument.
Result<void> ApplyWatchSetting(std::string_view key, std::string_view value,
                               WatchSettings* settings);

/// Checks the folders against each other and fills in what follows from that: names, and what
/// each may not enter (`data_folder` is ours). Errors: kInvalidArgument.
Result<void> CompleteWatchSettings(const std::filesystem::path& data_folder,
                                   std::vector<WatchSettings>* folders);

}  // namespace gpen::watching
