#include "restore/number_lists.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <system_error>

namespace gpen::restore {
namespace {

// As it is written, so that what was accepted is accepted again.
double Rounded(double value) { return std::round(value * 1000) / 1000; }

}  // namespace

std::optional<std::vector<std::vector<double>>> ParseNumberLists(std::string_view text) {
  std::vector<std::vector<double>> lists(1);
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    double value = 0;
    const auto [rest, error] = std::from_chars(at, end, value);
    // Also refuses what is not a number ("nan").
    if (error != std::errc() || !(std::abs(value) <= kMostNumber)) return std::nullopt;
    lists.back().push_back(Rounded(value));
    if (rest == end) return lists;
    if (*rest == ';') {
      lists.emplace_back();
    } else if (*rest != ',') {
      return std::nullopt;
    }
    at = rest + 1;
  }
}

std::string FormatNumberLists(const std::vector<std::vector<double>>& lists) {
  std::string text;
  for (const auto& list : lists) {
    if (!text.empty()) text += ';';
    for (std::size_t i = 0; i < list.size(); ++i) {
      text += fmt::format("{}{:.10g}", i == 0 ? "" : ",", Rounded(list[i]));
    }
  }
  return text;
}

}  // namespace gpen::restore
