#include "heat/quiet_hours.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>

namespace gpen::heat {
namespace {

constexpr int kMinutesPerDay = 24 * 60;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "7:00" or "07:00" to minutes; "24:00" is the end of the day.
std::optional<int> ParseTime(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon < 1 || colon > 2 || text.size() != colon + 3) {
    return std::nullopt;
  }
  int numbers[2] = {0, 0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == colon) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    int& number = numbers[i > colon ? 1 : 0];
    number = number * 10 + (text[i] - '0');
  }
  const int minutes = numbers[0] * 60 + numbers[1];
  if (numbers[1] > 59 || minutes > kMinutesPerDay) return std::nullopt;
  return minutes;
}

std::string FormatTime(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

}  // namespace

int LocalMinuteOfDay(Timestamp time) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::time_point(time));
  std::tm local = {};
  ::localtime_r(&seconds, &local);
  return local.tm_hour * 60 + local.tm_min;
}

Result<QuietHours> QuietHours::Parse(std::string_view text, MinuteOfDay minute_of_day) {
  QuietHours hours;
  hours.minute_of_day_ = std::move(minute_of_day);
  std::string_view rest = Trim(text);
  if (rest.empty()) return hours;
  while (true) {
    const auto comma = rest.find(',');
    const std::string_view range = Trim(rest.substr(0, comma));
    const auto dash = range.find('-');
    std::optional<int> begin;
    std::optional<int> end;
    if (dash != std::string_view::npos) {
      begin = ParseTime(Trim(range.substr(0, dash)));
      end = ParseTime(Trim(range.substr(dash + 1)));
    }
    if (!begin || !end || *begin == *end || *begin == kMinutesPerDay) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("quiet hours: expected ranges such as \"22:00-07:00\", separated by "
                               "commas, found \"{}\"",
                               range));
    }
    hours.ranges_.push_back({*begin, *end});
    if (comma == std::string_view::npos) return hours;
    rest = rest.substr(comma + 1);
  }
}

bool QuietHours::Covers(const Range& range, int minute) {
  if (range.begin < range.end) return minute >= range.begin && minute < range.end;
  return minute >= range.begin || minute < range.end;
}

QuietStatus QuietHours::At(Timestamp time) const {
  if (ranges_.empty()) return {};
  const int minute = minute_of_day_(time);
  // Ranges may touch or overlap: the quiet ends where no range goes on. At most once around each.
  int end = minute;
  bool quiet = false;
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    const auto range = std::find_if(ranges_.begin(), ranges_.end(),
                                    [&](const Range& r) { return Covers(r, end); });
    if (range == ranges_.end()) break;
    quiet = true;
    end = range->end % kMinutesPerDay;
  }
  if (!quiet) return {};
  return {.quiet = true, .message = "quiet until " + FormatTime(end)};
}

std::string QuietHours::text() const {
  std::string text;
  for (const Range& range : ranges_) {
    if (!text.empty()) text += ", ";
    text += FormatTime(range.begin) + "-" + FormatTime(range.end);
  }
  return text;
}

}  // namespace gpen::heat
