// The codec's share of the process's CPU budget.
#pragma once

namespace gpen::codec {

/// Threads that decoding and encoding may use, at least 1; the default is 1. For the whole process;
/// a file that is being decoded keeps the number that it began with.
void SetThreads(int threads);

int Threads();

}  // namespace gpen::codec
