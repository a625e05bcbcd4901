#include "restore/boxes_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace gpen::restore {
namespace {

// Of coordinates: no photo is larger, and sums of two stay exact.
constexpr double kMost = 1e6;

std::optional<face::Box> ParseBox(std::string_view text) {
  std::array<double, 4> values = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0 && (at == end || *at++ != ',')) return std::nullopt;
    const auto [rest, error] = std::from_chars(at, end, values[i]);
    // Also refuses what is not a number ("nan").
    if (error != std::errc() || !(std::abs(values[i]) <= kMost)) return std::nullopt;
    at = rest;
  }
  const auto [left, top, width, height] = values;
  if (at != end || width <= 0 || height <= 0) return std::nullopt;
  return face::Box{left, top, left + width, top + height};
}

}  // namespace

std::optional<std::vector<face::Box>> ParseBoxes(std::string_view text) {
  std::vector<face::Box> boxes;
  while (true) {
    const auto end = text.find(';');
    const auto box = ParseBox(text.substr(0, end));
    if (!box) return std::nullopt;
    boxes.push_back(*box);
    if (end == std::string_view::npos) return boxes;
    text.remove_prefix(end + 1);
  }
}

std::string FormatBoxes(const std::vector<face::Box>& boxes) {
  std::string text;
  for (const auto& box : boxes) {
    // Thousandths: the sums of ParseBoxes() leave their rounding behind.
    const auto number = [](double value) { return std::round(value * 1000) / 1000; };
    text +=
        fmt::format("{}{:.10g},{:.10g},{:.10g},{:.10g}", text.empty() ? "" : ";", number(box.left),
                    number(box.top), number(box.width()), number(box.height()));
  }
  return text;
}

}  // namespace gpen::restore
