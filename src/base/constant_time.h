// Secrets compared.
#pragma once

#include <string_view>

namespace gpen {

/// Compares in a time that tells nothing about where they differ.
bool EqualInConstantTime(std::string_view a, std::string_view b);

}  // namespace gpen
