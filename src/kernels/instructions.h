// The sets of vector instructions that the kernels are compiled for: which there are on this
// machine, and which is used. For tests, benchmarks and reports.
#pragma once

#include <string>
#include <vector>

namespace gpen::kernels {

/// Names of all sets that this machine can run, the best first: "AVX3", "AVX2", "SSE4".
std::vector<std::string> InstructionSets();

/// The one in use.
std::string InstructionSet();

/// Uses this set from now on, in the whole process; "": the best.
void UseInstructionSet(const std::string& name);

}  // namespace gpen::kernels
