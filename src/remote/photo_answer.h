// The result of a task about a photo: a few kilobytes of JSON.
#pragma once

#include <string>

#include "photos/photo_result.h"

namespace gpen::remote {

struct Answer {
  std::string output = {};  ///< "root:path"; empty where the photo is inside.
  std::string photo = {};   ///< "data:...;base64,..." where it is.
  bool cached = false;
  std::string worker = {};
};

/// {"output", "faces": [{"box", "likeness"...}], "faces_restored", "seconds", "model", "warnings"}.
std::string FormatAnswer(const Answer& answer, const photos::PhotoResult& result);

}  // namespace gpen::remote
