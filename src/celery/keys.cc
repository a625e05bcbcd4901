#include "celery/keys.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace gpen::celery {

int Keys::StepOf(int priority) const {
  int found = priority_steps.front();
  for (const int step : priority_steps) {
    if (step <= priority) found = step;
  }
  return found;
}

std::string ResultPrefixOf(const std::string& chosen) {
  if (chosen.empty() || std::string_view(":_-.").find(chosen.back()) != std::string_view::npos) {
    return chosen;
  }
  return chosen + "_";
}

Result<std::vector<int>> ParsePrioritySteps(const std::string& text) {
  std::vector<int> steps;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    int step = 0;
    const auto [next, error] = std::from_chars(at, end, step);
    const bool good = error == std::errc() && step >= 0 && step <= 255 &&
                      (steps.empty() ? step == 0 : step > steps.back()) &&
                      (next == end || (*next == ',' && next + 1 != end));
    if (!good) break;
    steps.push_back(step);
    at = next == end ? end : next + 1;
  }
  if (at == end && !steps.empty()) return steps;
  return Error(
      ErrorCode::kInvalidArgument,
      fmt::format("expected priority steps that ascend from 0, such as 0,3,6,9, found {}", text));
}

}  // namespace gpen::celery
