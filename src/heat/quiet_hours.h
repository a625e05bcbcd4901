// QuietHours: times of the day at which no batch work runs, in local time.
//
// Judged by the wall clock of the moment, so summer time needs no care: a range means what the
// clock on the wall shows. Immutable.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace gpen::heat {

/// Minutes after midnight on the clock on the wall at `time`.
using MinuteOfDay = std::function<int(Timestamp time)>;

/// By the machine's time zone (TZ or /etc/localtime).
int LocalMinuteOfDay(Timestamp time);

struct QuietStatus {
  bool quiet = false;
  std::string message;  ///< "quiet until 07:00", or empty.
};

class QuietHours {
 public:
  /// None.
  QuietHours() = default;

  /// `text`: ranges such as "22:00-07:00" or "12:30-14:00, 22:00-07:00"; the end is not in the
  /// range, "24:00" is the end of the day, empty is none. Errors: kInvalidArgument.
  static Result<QuietHours> Parse(std::string_view text,
                                  MinuteOfDay minute_of_day = LocalMinuteOfDay);

  QuietStatus At(Timestamp time) const;
  bool empty() const { return ranges_.empty(); }
  /// As Parse() takes it.
  std::string text() const;

 private:
  struct Range {
    int begin = 0;  // Minutes; begin > end goes over midnight.
    int end = 0;
  };
  static bool Covers(const Range& range, int minute);

  std::vector<Range> ranges_;
  MinuteOfDay minute_of_day_ = LocalMinuteOfDay;
};

}  // namespace gpen::heat
