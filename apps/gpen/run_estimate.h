// How long a call of `gpen restore` will take, said before it begins.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "gpen/photo_list.h"
#include "gpen/restore_arguments.h"
#include "restore/speed_record.h"

namespace gpen::app {

/// Seconds for all of `tasks`, by the sizes of a few of them; nothing where `speeds` does not know,
/// or none of those can be read.
std::optional<double> EstimateRun(const restore::SpeedRecord& speeds,
                                  const RestoreArguments& arguments,
                                  const std::vector<PhotoTask>& tasks);

/// "about 3:20 minutes for 12 photos, by how fast earlier ones were"; empty where that is soon.
std::string LongRunText(std::optional<double> seconds, std::size_t photos);

/// Says it on stderr.
void SayIfLong(std::optional<double> seconds, std::size_t photos);

}  // namespace gpen::app
