#include "service/plausible_clock.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/file.h"
#include "photos/stored_file.h"

namespace gpen::service {
namespace {

using std::chrono::hours;

constexpr Milliseconds kProbation = hours(24);
// The machine's clock is set by less than this every day.
constexpr Milliseconds kTolerance = hours(1);
// A machine may have been off or asleep for so long.
constexpr Milliseconds kLongestPause = hours(24 * 7);
constexpr Milliseconds kStoreEvery = hours(1);
constexpr std::int64_t kMostBytes = 256;

// Two numbers, milliseconds since 1970, on a line.
bool Read(std::string_view text, Timestamp* first, Timestamp* second) {
  for (Timestamp* time : {first, second}) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return false;
    *time = Timestamp(Milliseconds(number));
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return true;
}

}  // namespace

PlausibleClock::PlausibleClock(const Clock& clock, std::filesystem::path file)
    : clock_(clock), file_(std::move(file)) {
  const auto bytes = ReadFile(file_, kMostBytes);
  if (!bytes || !Read(AsText(*bytes), &seen_, &believed_from_)) seen_ = {};
  See(clock_.Now());
}

bool PlausibleClock::IsPlausible() {
  const Timestamp now = clock_.Now();
  See(now);
  return now >= believed_from_;
}

void PlausibleClock::See(Timestamp now) {
  const bool jumped = now < seen_ - kTolerance || now > seen_ + kLongestPause;
  if (jumped) believed_from_ = now + kProbation;
  seen_ = now;
  if (!jumped && now - stored_ < kStoreEvery) return;
  const auto text = fmt::format("{} {}\n", now.time_since_epoch().count(),
                                believed_from_.time_since_epoch().count());
  if (photos::WritePrivately(file_, AsBytes(text))) stored_ = now;
}

}  // namespace gpen::service
