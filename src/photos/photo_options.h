// PhotoOptions: what a client may choose about one photo, as form fields, query or JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/photo.h"
#include "restore/restore_options.h"

namespace gpen::photos {

struct PhotoOptions {
  restore::RestoreOptions restore;
  bool aligned = false;
  std::optional<codec::Format> format;  ///< As the photo where not given.
  std::optional<int> quality;
};

/// Sets one option by its name in `gpen restore`: strength, mode, protect_tone, min_face,
/// max_faces, aligned, format, quality. Errors: kInvalidArgument.
Result<void> SetOption(std::string_view name, std::string_view value, PhotoOptions* options);

/// Sets the options of a JSON object. Errors: kInvalidArgument (not an object, nested, unknown).
Result<void> SetOptionsFromJson(std::string_view json, PhotoOptions* options);

/// All options as JSON, always spelt alike: part of the cache's key, and read by
/// SetOptionsFromJson.
std::string CanonicalJson(const PhotoOptions& options);

}  // namespace gpen::photos
