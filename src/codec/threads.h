// The codec's start and its share of the process's CPU budget.
#pragma once

#include "base/result.h"

namespace gpen::codec {

/// Threads that decoding and encoding may use, at least 1; the default is 1. For the whole process;
/// a file that is being decoded keeps the number that it began with.
void SetThreads(int threads);

int Threads();

/// Starts the image library, which the first Decode or Encode does otherwise. Call it before there
/// are other threads: environment variables change for a moment. Errors: kInternal.
Result<void> Start();

}  // namespace gpen::codec
