#include "gpen/guess.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "codec/photo.h"

namespace gpen::app {
namespace {

constexpr std::size_t kMostErrors = 2;

// Letters to add, remove or replace.
std::size_t Distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

bool LooksLikePhotos(const std::string& word) {
  std::error_code error;
  const std::filesystem::path path(word);
  return std::filesystem::exists(path, error) ||
         codec::FormatFromName(path.extension().string()).has_value();
}

}  // namespace

std::string NearestCommand(const std::string& word, const std::vector<std::string>& commands) {
  std::string nearest;
  std::size_t least = kMostErrors + 1;
  for (const auto& command : commands) {
    const std::size_t distance = Distance(word, command);
    if (distance >= least || distance >= word.size()) continue;
    least = distance;
    nearest = command;
  }
  return nearest;
}

std::string AdviceFor(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& commands) {
  if (arguments.empty() || arguments.front().starts_with('-')) return "";
  const std::string& first = arguments.front();
  if (std::ranges::find(commands, first) != commands.end()) return "";
  if (LooksLikePhotos(first)) {
    return fmt::format("to restore photos, name the command: gpen restore {}", first);
  }
  const std::string nearest = NearestCommand(first, commands);
  if (!nearest.empty())
    return fmt::format("\"{}\" is no command; did you mean {}?", first, nearest);
  return fmt::format("\"{}\" is no command and no file; the commands are {}", first,
                     fmt::join(commands, ", "));
}

}  // namespace gpen::app
