#include "celery/iso_time.h"

#include <fmt/format.h>

#include <charconv>

namespace gpen::celery {
namespace {

// Takes exactly `digits` digits from the front.
bool Take(std::string_view* text, std::size_t digits, int* value) {
  if (text->size() < digits) return false;
  const auto* end = text->data() + digits;
  const auto parsed = std::from_chars(text->data(), end, *value);
  if (parsed.ec != std::errc() || parsed.ptr != end || *value < 0) return false;
  text->remove_prefix(digits);
  return true;
}

bool TakeSign(std::string_view* text, char sign) {
  if (text->empty() || text->front() != sign) return false;
  text->remove_prefix(1);
  return true;
}

// "+01:00", "-0330", "Z" or nothing.
std::optional<std::chrono::minutes> TakeOffset(std::string_view text) {
  if (text.empty() || text == "Z") return std::chrono::minutes(0);
  const int sign = text.front() == '-' ? -1 : 1;
  if (!TakeSign(&text, '-') && !TakeSign(&text, '+')) return std::nullopt;
  int hours = 0;
  int minutes = 0;
  if (!Take(&text, 2, &hours)) return std::nullopt;
  TakeSign(&text, ':');
  if (!text.empty() && !Take(&text, 2, &minutes)) return std::nullopt;
  if (!text.empty() || hours > 23 || minutes > 59) return std::nullopt;
  return std::chrono::minutes(sign * (hours * 60 + minutes));
}

Milliseconds TakeFraction(std::string_view* text) {
  int thousandths = 0;
  int digits = 0;
  while (!text->empty() && text->front() >= '0' && text->front() <= '9') {
    if (digits < 3) thousandths = thousandths * 10 + (text->front() - '0');
    ++digits;
    text->remove_prefix(1);
  }
  for (; digits < 3; ++digits) thousandths *= 10;
  return Milliseconds(thousandths);
}

}  // namespace

std::optional<Timestamp> ParseIsoTime(std::string_view text) {
  using std::chrono::year_month_day;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!Take(&text, 4, &year) || !TakeSign(&text, '-') || !Take(&text, 2, &month) ||
      !TakeSign(&text, '-') || !Take(&text, 2, &day)) {
    return std::nullopt;
  }
  if (!TakeSign(&text, 'T') && !TakeSign(&text, ' ')) return std::nullopt;
  if (!Take(&text, 2, &hour) || !TakeSign(&text, ':') || !Take(&text, 2, &minute)) {
    return std::nullopt;
  }
  if (TakeSign(&text, ':') && !Take(&text, 2, &second)) return std::nullopt;
  const Milliseconds fraction = TakeSign(&text, '.') ? TakeFraction(&text) : Milliseconds(0);
  const auto offset = TakeOffset(text);
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!offset || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second) + fraction - *offset;
}

std::string FormatIsoTime(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}000+00:00",
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

double UnixSeconds(Timestamp time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1000;
}

}  // namespace gpen::celery
