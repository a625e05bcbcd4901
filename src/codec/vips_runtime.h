// libvips, started once and shut in: only the loaders that we call by name exist, nothing is
// cached, and its errors become ours. Internal to the codec; includes libvips.
#pragma once

#include <vips/vips.h>

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace gpen::codec {

/// Starts libvips at the first call and sets the number of threads. Call before anything of it.
Result<void> StartVips();

/// What libvips reports in its process-wide buffer, on one line; clears the buffer. Only within a
/// VipsTurn.
std::string TakeVipsError();

struct UnrefVipsImage {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using VipsImagePointer = std::unique_ptr<VipsImage, UnrefVipsImage>;

/// One thread at a time reads or writes pixels: libvips reports into one buffer of the process, so
/// that what it says of one photo would be taken for a fault of another. A picture is read and
/// written by several of its own threads. Frees what libvips keeps for the calling thread, which
/// may be one of many in a long life.
class VipsTurn {
 public:
  /// Waits for the turn, and forgets what was reported before.
  VipsTurn();
  VipsTurn(const VipsTurn&) = delete;
  VipsTurn& operator=(const VipsTurn&) = delete;
  ~VipsTurn() { vips_thread_shutdown(); }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace gpen::codec
