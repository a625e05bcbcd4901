// Lists of numbers as a person writes them: "1,2.5", several with a semicolon between them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpen::restore {

/// Coordinates in pixels: no photo is larger, and sums of two stay exact.
inline constexpr double kMostNumber = 1e6;

/// At least one list, of at least one number, to a thousandth. Nothing where it is not that, or
/// where a number is farther from 0 than kMostNumber.
std::optional<std::vector<std::vector<double>>> ParseNumberLists(std::string_view text);

/// What ParseNumberLists() reads; empty where there are none.
std::string FormatNumberLists(const std::vector<std::vector<double>>& lists);

}  // namespace gpen::restore
