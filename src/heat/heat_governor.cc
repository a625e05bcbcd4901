#include "heat/heat_governor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "heat/sensors.h"

namespace gpen::heat {
namespace {

// The first longer pause: shorter ones would not cool anything.
constexpr Milliseconds kShortestPause{2'000};

Milliseconds PauseFor(double margin, const HeatOptions& options) {
  const double closeness =
      std::clamp(1 - margin / std::max(options.slow_down_margin, 0.1), 0.0, 1.0);
  const auto pause = Milliseconds(
      static_cast<std::int64_t>(closeness * static_cast<double>(options.longest_pause.count())));
  return std::max(pause, std::min(kShortestPause, options.longest_pause));
}

std::string Describe(const SensorReading& sensor) {
  return fmt::format("{} at {:.0f} °C, its {}limit is {:.0f} °C", sensor.name, sensor.celsius,
                     sensor.limit_is_default ? "(assumed) " : "", sensor.limit_celsius);
}

}  // namespace

std::string_view NameOf(HeatAction action) {
  constexpr std::array<std::string_view, 3> kNames = {"run", "slow_down", "stop"};
  return kNames[static_cast<std::size_t>(action)];
}

HeatGovernor::HeatGovernor(const HeatOptions& options, const Clock& clock)
    : options_(options), clock_(clock) {
  status_.enabled = options.enabled;
  if (!options.enabled) status_.message = "heat protection is switched off";
}

HeatStatus HeatGovernor::Read() {
  const std::scoped_lock lock(mutex_);
  const Milliseconds now = clock_.Steady();
  if (!options_.enabled || (read_before_ && now - last_read_ < options_.min_interval)) {
    return status_;
  }
  read_before_ = true;
  last_read_ = now;
  status_.sensors = ReadSensors(options_.sys, options_.default_limit_celsius);
  Decide(now);
  return status_;
}

// Unknown is not cool: for a while a stop outlives the sensor that caused it.
bool HeatGovernor::StillTrustsLastReading(Milliseconds now) {
  return status_.action == HeatAction::kStop && now - last_sight_ < options_.blind_stop;
}

void HeatGovernor::Decide(Milliseconds now) {
  const auto hottest = std::min_element(
      status_.sensors.begin(), status_.sensors.end(),
      [](const SensorReading& a, const SensorReading& b) { return a.margin() < b.margin(); });
  status_.has_sensor = hottest != status_.sensors.end();
  if (!status_.has_sensor) {
    if (StillTrustsLastReading(now)) {
      status_.message = "stopped: the sensor that was too hot gives no reading any more";
      return;
    }
    status_.action = HeatAction::kRun;
    status_.extra_pause = Milliseconds(0);
    status_.hottest = {};
    status_.message = fmt::format(
        "no temperature sensor found under {}: the machine is not watched", options_.sys.string());
    return;
  }
  last_sight_ = now;
  status_.hottest = *hottest;
  const double margin = hottest->margin();

  // Each way back lies lower than the way up, so that it does not flicker at the mark.
  const HeatAction before = status_.action;
  const bool slow_before = before != HeatAction::kRun;
  if (margin <= 0 || (before == HeatAction::kStop && margin < options_.resume_margin)) {
    status_.action = HeatAction::kStop;
  } else if (margin < options_.slow_down_margin + (slow_before ? options_.hysteresis : 0)) {
    status_.action = HeatAction::kSlowDown;
  } else {
    status_.action = HeatAction::kRun;
  }

  status_.extra_pause = Milliseconds(0);
  switch (status_.action) {
    case HeatAction::kStop:
      if (before != HeatAction::kStop) ++status_.stops;
      status_.message =
          fmt::format("stopped to cool down: {}; goes on below {:.0f} °C", Describe(*hottest),
                      hottest->limit_celsius - options_.resume_margin);
      break;
    case HeatAction::kSlowDown:
      status_.extra_pause = PauseFor(margin, options_);
      status_.message = "slowed down: " + Describe(*hottest);
      break;
    case HeatAction::kRun:
      status_.message = Describe(*hottest);
      break;
  }
}

}  // namespace gpen::heat
