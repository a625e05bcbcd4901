// PlausibleClock: whether the machine's clock may decide what is old enough to be deleted.
//
// A clock that was set far ahead, or a machine whose battery is empty, makes everything look old.
// So a clock that jumped is believed again only when it has gone on for a day without another jump.
// A machine that was off or asleep for some days has not jumped. What was seen last is kept in a
// file, so that a jump while the service did not run is noticed too. One thread.
#pragma once

#include <filesystem>

#include "base/clock.h"

namespace gpen::service {

class PlausibleClock {
 public:
  /// `clock` must outlive this. `file` need not exist: then nobody knows, and a day is waited.
  PlausibleClock(const Clock& clock, std::filesystem::path file);

  /// To be called about every minute or more often; a file that cannot be written is tried again.
  bool IsPlausible();

 private:
  void See(Timestamp now);

  const Clock& clock_;
  std::filesystem::path file_;
  Timestamp believed_from_;  ///< From then on it is believed.
  Timestamp seen_;           ///< The last time; never where nobody knows.
  Timestamp stored_;         ///< What the file says of it.
};

}  // namespace gpen::service
