#include "codec/threads.h"

#include <algorithm>
#include <atomic>

#include "codec/vips_runtime.h"

namespace gpen::codec {
namespace {

// libvips keeps this number per process too, so a setting per call would only pretend.
std::atomic<int> g_threads{1};

}  // namespace

void SetThreads(int threads) { g_threads = std::max(threads, 1); }

int Threads() { return g_threads; }

Result<void> Start() { return StartVips(); }

}  // namespace gpen::codec
