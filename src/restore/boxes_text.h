// Boxes as a person writes them: "X,Y,W,H", several with a semicolon between them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "face/box.h"

namespace gpen::restore {

/// Left, top, width and height in pixels; width and height above 0. Nothing where it is not that.
std::optional<std::vector<face::Box>> ParseBoxes(std::string_view text);

/// What ParseBoxes() reads; empty where there are none.
std::string FormatBoxes(const std::vector<face::Box>& boxes);

}  // namespace gpen::restore
