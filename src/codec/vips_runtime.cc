#include "codec/vips_runtime.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "codec/threads.h"

namespace gpen::codec {
namespace {

void IgnoreLog(const char*, GLogLevelFlags, const char*, void*) {}

/// Sets `name` for a while.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const char* value) : name_(name) {
    if (const char* before = g_getenv(name)) before_ = before;
    g_setenv(name, value, TRUE);
  }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;
  ~ScopedEnvironment() {
    if (before_) {
      g_setenv(name_, before_->c_str(), TRUE);
    } else {
      g_unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

bool StartOnce() {
  // libvips loads its modules (ImageMagick, poppler, ...) from below this folder. None is needed:
  // that saves 60 ms and 5 MB, and their code cannot be reached if it is not there.
  const ScopedEnvironment without_modules("VIPSHOME", "/nonexistent");
  if (VIPS_INIT("gpen") != 0) return false;
  vips_cache_set_max(0);
  vips_cache_set_max_mem(0);
  vips_cache_set_max_files(0);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  for (const char* loader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp",
                             "VipsForeignLoadTiff"}) {
    vips_operation_block_set(loader, FALSE);
  }
  // Warnings about odd tags would go to the terminal; what matters comes as an error.
  g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK & ~G_LOG_LEVEL_ERROR),
                    IgnoreLog, nullptr);
  return true;
}

}  // namespace

Result<void> StartVips() {
  static std::once_flag once;
  static bool started = false;
  std::call_once(once, [] { started = StartOnce(); });
  if (!started) {
    return Error(ErrorCode::kInternal, "libvips does not start: " + TakeVipsError());
  }
  vips_concurrency_set(Threads());
  return {};
}

VipsTurn::VipsTurn() {
  static std::mutex one_at_a_time;
  lock_ = std::unique_lock(one_at_a_time);
  vips_error_clear();
}

std::string TakeVipsError() {
  char* buffer = vips_error_buffer_copy();
  std::string text(buffer);
  g_free(buffer);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) {
    text.replace(at, 1, "; ");
  }
  return text.empty() ? "no reason given" : text;
}

}  // namespace gpen::codec
