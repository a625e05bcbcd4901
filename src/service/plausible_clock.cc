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
// A machine may have been off for so long.
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
    : clock_(clock), file_(std::move(file)), seen_(clock.Now()), seen_steady_(clock.Steady()) {
  const Timestamp now = seen_;
  const auto bytes = ReadFile(file_, kMostBytes);
  Timestamp last_seen;
  if (!bytes || !Read(AsText(*bytes), &last_seen, &believed_from_)) {
    Distrust(now);
  } else if (now < last_seen - kTolerance || now > last_seen + kLongestPause) {
    Distrust(now);
  }
  Store(now);
}

bool PlausibleClock::IsPlausible() {
  const Timestamp now = clock_.Now();
  const Milliseconds steady = clock_.Steady();
  const Milliseconds jumped = (now - seen_) - (steady - seen_steady_);
  seen_ = now;
  seen_steady_ = steady;
  if (jumped > kTolerance || jumped < -kTolerance) {
    Distrust(now);
    Store(now);
  } else if (now - stored_ >= kStoreEvery) {
    Store(now);
  }
  return now >= believed_from_;
}

void PlausibleClock::Distrust(Timestamp now) { believed_from_ = now + kProbation; }

void PlausibleClock::Store(Timestamp now) {
  const auto text = fmt::format("{} {}\n", now.time_since_epoch().count(),
                                believed_from_.time_since_epoch().count());
  if (photos::WritePrivately(file_, AsBytes(text))) stored_ = now;
}

}  // namespace gpen::service
