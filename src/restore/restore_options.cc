#include "restore/restore_options.h"

#include <algorithm>

namespace gpen::restore {

std::string_view NameOf(Mode mode) { return kModeNames[static_cast<std::size_t>(mode)]; }

std::optional<Mode> ModeFromName(std::string_view name) {
  const auto found = std::ranges::find(kModeNames, name);
  if (found == kModeNames.end()) return std::nullopt;
  return static_cast<Mode>(found - kModeNames.begin());
}

std::string_view NameOf(Enlargement enlargement) {
  return kEnlargementNames[static_cast<std::size_t>(enlargement)];
}

std::optional<Enlargement> EnlargementFromName(std::string_view name) {
  const auto found = std::ranges::find(kEnlargementNames, name);
  if (found == kEnlargementNames.end()) return std::nullopt;
  return static_cast<Enlargement>(found - kEnlargementNames.begin());
}

std::string_view NameOf(Sepia sepia) { return kSepiaNames[static_cast<std::size_t>(sepia)]; }

std::optional<Sepia> SepiaFromName(std::string_view name) {
  const auto found = std::ranges::find(kSepiaNames, name);
  if (found == kSepiaNames.end()) return std::nullopt;
  return static_cast<Sepia>(found - kSepiaNames.begin());
}

}  // namespace gpen::restore
