// The name under which a worker holds leases, and whether the process behind a name still lives.
//
// A name holds the machine's boot, the PID namespace, the process and its start time, so that a
// restarted container with the same PID is not taken for the dead process.
#pragma once

#include <string>

namespace gpen::jobs {

/// The name of worker `index` of this process.
std::string WorkerIdentity(int index);

/// False only if the process is surely gone: another boot, or the same PID namespace without that
/// process. Everything else counts as alive, and its lease expires if it is not.
bool IsWorkerAlive(const std::string& identity);

}  // namespace gpen::jobs
