// libvips, started once and shut in: only the loaders that we call by name exist, nothing is
// cached, and its errors become ours. Internal to the codec; includes libvips.
#pragma once

#include <vips/vips.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace gpen::codec {

/// Starts libvips at the first call and sets the number of threads. Call before anything of it.
Result<void> StartVips();

/// What libvips reports in its process-wide buffer, on one line; clears the buffer.
std::string TakeVipsError();

struct UnrefVipsImage {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using VipsImagePointer = std::unique_ptr<VipsImage, UnrefVipsImage>;

/// Frees what libvips keeps for the calling thread, which may be one of many in a long life.
struct VipsThreadGuard {
  VipsThreadGuard() = default;
  VipsThreadGuard(const VipsThreadGuard&) = delete;
  VipsThreadGuard& operator=(const VipsThreadGuard&) = delete;
  ~VipsThreadGuard() { vips_thread_shutdown(); }
};

}  // namespace gpen::codec
