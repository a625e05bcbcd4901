// What the disk, heat and quiet hours let start now.
#pragma once

#include "base/clock.h"
#include "heat/heat_governor.h"
#include "heat/quiet_hours.h"
#include "jobs/worker_pool.h"
#include "photos/data_folder.h"
#include "service/configuration.h"

namespace gpen::service {

jobs::Admission Admit(const photos::DataFolder& folder, heat::HeatGovernor* governor,
                      const heat::QuietHours& quiet_hours, const Clock& clock);

heat::HeatOptions HeatOptionsOf(const Configuration& configuration);

}  // namespace gpen::service
