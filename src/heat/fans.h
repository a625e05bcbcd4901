// Fans: takes the machine's fans to full speed while it runs hot, and gives them back afterwards.
//
// Only what the system offers as files: `pwm` of hwmon and cooling devices that are fans. What was
// set before is noted in a file first, so that the next start gives the fans back after a kill.
// Belongs to one thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace gpen::heat {

struct Fan {
  std::string name;            ///< "it8613 pwm2", "cooling_device0 pwm-fan"
  std::filesystem::path file;  ///< Of its speed.
  std::filesystem::path mode;  ///< pwmN_enable, which must say "by hand"; empty: there is none.
  std::string full;            ///< What to write for full speed.
  bool is_writable = false;    ///< By this user.
};

/// The fans under `sys` that can be set, by path.
std::vector<Fan> FindFans(const std::filesystem::path& sys);

class Fans {
 public:
  /// Gives back what an earlier process had taken, as `note` says. `note`: a file of ours.
  Fans(std::filesystem::path sys, std::filesystem::path note);
  /// Gives the fans back.
  ~Fans();
  Fans(const Fans&) = delete;
  Fans& operator=(const Fans&) = delete;

  /// Takes all fans that can be set to full speed; a fan that cannot is left out. Nothing happens
  /// where they are already. Errors: kUnavailable (the note cannot be written, so nothing was set).
  Result<void> TakeToFull();

  /// Errors: kUnavailable (a fan cannot be set: it is tried again next time).
  Result<void> GiveBack();

  bool at_full() const { return at_full_; }

 private:
  const std::filesystem::path sys_;
  const std::filesystem::path note_;
  bool at_full_ = false;
};

}  // namespace gpen::heat
