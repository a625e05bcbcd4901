#include "image/image_threads.h"

#include <atomic>

namespace gpen {
namespace {

std::atomic<int> threads_of_images{1};

}  // namespace

void SetImageThreads(int threads) { threads_of_images = threads; }

int ImageThreads() { return threads_of_images; }

}  // namespace gpen
