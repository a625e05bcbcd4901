#include "service/admission.h"

namespace gpen::service {

jobs::Admission Admit(const photos::DataFolder& folder, heat::HeatGovernor* governor,
                      const heat::QuietHours& quiet_hours, const Clock& clock) {
  jobs::Admission admission;
  // A job that cannot store its result would compute for nothing, and use up its attempts.
  if (const auto storable = folder.CheckStorable(); !storable) {
    admission.lowest.reset();
    admission.reason = storable.error().message();
    return admission;
  }
  const auto heat = governor->Read();
  if (heat.action == heat::HeatAction::kStop) {
    admission.lowest.reset();
    admission.interrupt_running = true;
    admission.reason = heat.message;
    return admission;
  }
  if (heat.action == heat::HeatAction::kSlowDown) {
    admission.extra_pause = heat.extra_pause;
    admission.reason = heat.message;
  }
  const auto quiet = quiet_hours.At(clock.Now());
  if (quiet.quiet) {
    admission.lowest = jobs::JobPriority::kInteractive;
    admission.interrupt_running = true;
    admission.reason = quiet.message;
  }
  return admission;
}

heat::HeatOptions HeatOptionsOf(const Configuration& configuration) {
  heat::HeatOptions heat;
  heat.enabled = configuration.heat_enabled;
  heat.sys = configuration.sys_folder;
  heat.default_limit_celsius = configuration.heat_limit_celsius;
  return heat;
}

}  // namespace gpen::service
