// Reads the temperature sensors of a sysfs tree: thermal zones and hwmon.
//
// Readings that cannot be true are left out, and so are marks that cannot.
#pragma once

#include <filesystem>
#include <vector>

#include "heat/heat_governor.h"

namespace gpen::heat {

/// All sensors under `sys` that give a sensible reading now (above 0, up to 150 °C), by path.
std::vector<SensorReading> ReadSensors(const std::filesystem::path& sys,
                                       double default_limit_celsius);

}  // namespace gpen::heat
