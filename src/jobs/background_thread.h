// Makes the calling thread give way to everything else on the machine.
#pragma once

#include <string>

namespace gpen::jobs {

/// Sets nice 10 and the idle I/O class for the calling thread, and for the threads it starts
/// afterwards. Returns what could not be set, for a log line; empty if all was.
std::string LowerThisThread();

}  // namespace gpen::jobs
