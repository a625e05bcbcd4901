// What this process may use: CPUs and memory, and what it has used.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gpen {

/// CPUs that this process may run on: its affinity mask and its cgroup's quota, at least 1.
int AvailableCpus();

/// Bytes of memory that this process may still use: the smallest of the machine's available memory,
/// what its cgroup leaves and what its limit of address space (ulimit -v) leaves. 0 where none of
/// them can be read.
std::int64_t AvailableMemoryBytes();

/// Highest resident size of this process so far, in bytes.
std::int64_t PeakResidentBytes();

/// Vector extensions that matter to inference and that this CPU has: "sse4.2", "avx2", "avx512f",
/// ...
std::vector<std::string> CpuFeatures();

/// The CPU's own name, "unknown" where the system does not tell.
std::string CpuName();

}  // namespace gpen
