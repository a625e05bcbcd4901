#include "restore/restore_options.h"

#include <algorithm>

namespace gpen::restore {

std::string_view NameOf(Mode mode) { return kModeNames[static_cast<std::size_t>(mode)]; }

std::optional<Mode> ModeFromName(std::string_view name) {
  const auto found = std::ranges::find(kModeNames, name);
  if (found == kModeNames.end()) return std::nullopt;
  return static_cast<Mode>(found - kModeNames.begin());
}

}  // namespace gpen::restore
