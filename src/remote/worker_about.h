// WorkerAbout: what a worker says of itself with its heartbeats, so that a service hands photos
// only to machines that would do what it does itself and can reach the photos.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "photos/photo_key.h"

namespace gpen::remote {

struct WorkerAbout {
  std::string models;              ///< FingerprintOf() its networks.
  std::vector<std::string> roots;  ///< Names of its roots.
  std::vector<std::string> hosts;  ///< What it may reach of the web, as its setting has it.
  /// FingerprintOf() each model that a photo may ask for, by its name.
  std::map<std::string, std::string> named = {};
};

/// Equal networks, equal text.
std::string FingerprintOf(const photos::ModelChecksums& models);

/// JSON, for celery::WorkerOptions::about.
std::string FormatAbout(const WorkerAbout& about);
/// Nothing where it says something else.
std::optional<WorkerAbout> ParseAbout(std::string_view text);

}  // namespace gpen::remote
