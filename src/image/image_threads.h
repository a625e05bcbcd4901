// How many threads an operation on a large image may use.
#pragma once

namespace gpen {

/// Process-wide; 1 until it is set. Small images are worked on by the calling thread alone.
void SetImageThreads(int threads);
int ImageThreads();

}  // namespace gpen
