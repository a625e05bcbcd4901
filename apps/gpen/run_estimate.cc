#include "gpen/run_estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/file.h"
#include "codec/decode.h"

namespace gpen::app {
namespace {

constexpr std::size_t kMostLookedAt = 5;  // They are read whole.
constexpr double kLongSeconds = 10;

// Pixels of the photo; nothing where it cannot be read, which the run itself will say.
std::optional<double> PixelsOf(const PhotoTask& task, const codec::Limits& limits) {
  const auto bytes = ReadFile(task.input, limits.max_file_bytes);
  if (!bytes) return std::nullopt;
  const auto info = codec::Probe(*bytes, limits);
  if (!info) return std::nullopt;
  return 1.0 * info->width * info->height;
}

std::string Duration(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} seconds", whole);
  if (whole < 3600) return fmt::format("{}:{:02} minutes", whole / 60, whole % 60);
  return fmt::format("{}:{:02} hours", whole / 3600, whole / 60 % 60);
}

}  // namespace

std::optional<double> EstimateRun(const restore::SpeedRecord& speeds,
                                  const RestoreArguments& arguments,
                                  const std::vector<PhotoTask>& tasks) {
  const auto& options = arguments.options;
  if (!speeds.SecondsFor(1, options)) return std::nullopt;
  const std::size_t looked_at = std::min(tasks.size(), kMostLookedAt);
  double seconds = 0;
  int known = 0;
  for (std::size_t i = 0; i < looked_at; ++i) {
    const auto pixels = PixelsOf(tasks[i * tasks.size() / looked_at], arguments.restorer.limits);
    if (!pixels) continue;
    seconds += speeds.SecondsFor(*pixels, options).value_or(0);
    ++known;
  }
  if (known == 0) return std::nullopt;
  return seconds / known * static_cast<double>(tasks.size());
}

std::string LongRunText(std::optional<double> seconds, std::size_t photos) {
  if (!seconds || *seconds < kLongSeconds) return "";
  return fmt::format("about {} for {}, by how fast earlier ones were", Duration(*seconds),
                     photos == 1 ? "this photo" : fmt::format("{} photos", photos));
}

void SayIfLong(std::optional<double> seconds, std::size_t photos) {
  const auto text = LongRunText(seconds, photos);
  if (!text.empty()) fmt::print(stderr, "{}\n", text);
}

}  // namespace gpen::app
