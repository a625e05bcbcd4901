// Ids of tasks, as Celery writes them.
#pragma once

#include <string>

namespace gpen::celery {

/// A new one, which nobody can guess.
std::string NewTaskId();

}  // namespace gpen::celery
