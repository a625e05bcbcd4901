// The methods of remote control, by their names in Celery.
#pragma once

#include <map>
#include <string>

#include "celery/json.h"
#include "celery/worker_core.h"

namespace gpen::celery {

using ControlMethod = Json (*)(WorkerCore& core, const Json& arguments);

const std::map<std::string, ControlMethod>& ControlMethods();

/// What is seen of a task: `request` in Celery's words.
Json DescribeTask(const WorkerCore& core, const ActiveTask& active);

}  // namespace gpen::celery
