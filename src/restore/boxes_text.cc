#include "restore/boxes_text.h"

#include "restore/number_lists.h"

namespace gpen::restore {

std::optional<std::vector<face::Box>> ParseBoxes(std::string_view text) {
  const auto lists = ParseNumberLists(text);
  if (!lists) return std::nullopt;
  std::vector<face::Box> boxes;
  for (const auto& list : *lists) {
    if (list.size() != 4 || list[2] <= 0 || list[3] <= 0) return std::nullopt;
    boxes.push_back({list[0], list[1], list[0] + list[2], list[1] + list[3]});
  }
  return boxes;
}

std::string FormatBoxes(const std::vector<face::Box>& boxes) {
  std::vector<std::vector<double>> lists;
  for (const auto& box : boxes) lists.push_back({box.left, box.top, box.width(), box.height()});
  return FormatNumberLists(lists);
}

}  // namespace gpen::restore
