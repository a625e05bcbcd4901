// PhotoResult: what a run made of a photo, and where that lies.
//
// A plain value. photo_texts.h reads and writes it as the text that the queue keeps.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace gpen::photos {

/// A result in the data folder.
struct StoredResult {
  std::string file;  ///< Name in outputs/.

  bool operator==(const StoredResult&) const = default;
};

/// A result outside the data folder, which belongs to somebody else from then on.
struct ExternalResult {
  std::int64_t row = 0;  ///< As in ExternalPhoto; whoever keeps it knows where the result is now.
  std::string path;      ///< For people alone; empty where the photo needed no result.

  bool operator==(const ExternalResult&) const = default;
};

using ResultPlace = std::variant<StoredResult, ExternalResult>;

struct PhotoResult {
  ResultPlace place;
  std::string before;  ///< Names in thumbnails/.
  std::string after;
  double seconds = 0;        ///< Of computation.
  std::string report;        ///< JSON of restore::FormatJson; empty where there is none.
  std::string machine = {};  ///< The other machine that made it; empty: this one.
  /// What was repaired (restore/repair_mask.h), a name in thumbnails/; empty where nothing was.
  std::string mask = {};
};

/// Where people find the result: "/outputs/NAME" of this service, or a path. Empty where there is
/// none.
std::string AddressOf(const PhotoResult& result);

}  // namespace gpen::photos
