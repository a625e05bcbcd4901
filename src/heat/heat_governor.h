// HeatGovernor: reads the hottest sensor of the machine and says whether to work, to slow down or
// to stop, so that the box is never cooked.
//
// Each sensor is judged against its own high mark. Thread-safe; reads sysfs, at most once per
// `min_interval`.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace gpen::heat {

enum class HeatAction : std::uint8_t {
  kRun,
  kSlowDown,  ///< Make longer pauses: see `extra_pause`.
  kStop,      ///< Start nothing, interrupt what runs.
};

/// "run", "slow_down", "stop".
std::string_view NameOf(HeatAction action);

struct HeatOptions {
  bool enabled = true;
  std::filesystem::path sys = "/sys";
  double default_limit_celsius = 85;   ///< For a sensor without a mark of its own.
  double slow_down_margin = 10;        ///< Slow down from this many degrees below the mark.
  double resume_margin = 10;           ///< After a stop, go on this many degrees below the mark.
  double hysteresis = 3;               ///< After a slow-down, back to full speed this much lower.
  Milliseconds longest_pause{60'000};  ///< The pause close to the mark.
  /// A stop outlives its sensor for that long; after it, a sensor that is gone holds nothing back.
  Milliseconds blind_stop{60'000};
  Milliseconds min_interval{1'000};
};

struct SensorReading {
  std::string name;  ///< "coretemp Package id 0", "thermal_zone0 x86_pkg_temp".
  std::string path;
  double celsius = 0;
  double limit_celsius = 0;
  bool limit_is_default = false;  ///< The sensor names no mark: HeatOptions' default holds.
  double margin() const { return limit_celsius - celsius; }
};

struct HeatStatus {
  bool enabled = true;
  HeatAction action = HeatAction::kRun;
  Milliseconds extra_pause{0};  ///< With kSlowDown; it grows towards the mark.
  bool has_sensor = false;      ///< Without one nothing is held back, and `message` says so.
  SensorReading hottest;        ///< The one closest to its mark.
  std::vector<SensorReading> sensors;
  std::string message;     ///< One sentence for people.
  std::int64_t stops = 0;  ///< Times it went to kStop, for metrics.
};

class HeatGovernor {
 public:
  /// `clock` must outlive the governor.
  HeatGovernor(const HeatOptions& options, const Clock& clock);

  /// What holds now, read anew if the last reading is older than `min_interval`.
  HeatStatus Read();

 private:
  void Decide(Milliseconds now);
  bool StillTrustsLastReading(Milliseconds now);

  const HeatOptions options_;
  const Clock& clock_;
  std::mutex mutex_;
  Milliseconds last_read_{0};
  bool read_before_ = false;
  Milliseconds last_sight_{0};  // Steady time of the last reading with a sensor.
  HeatStatus status_;
};

}  // namespace gpen::heat
