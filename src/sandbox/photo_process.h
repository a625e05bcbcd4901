// PhotoProcess: one process for photos, seen from the service: asked, watched and, where it takes
// too long or does not stop, killed. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/child_process.h"
#include "base/clock.h"
#include "base/result.h"
#include "restore/photo_work.h"
#include "sandbox/channel.h"
#include "sandbox/photo_messages.h"

namespace gpen::sandbox {

/// What a piece of work may cost. Processor time is counted anew with each step.
struct Allowance {
  std::int64_t memory_bytes = 0;  ///< More than it has now; 0: no limit.
  Milliseconds decoding{0};
  Milliseconds each_further_step{0};
};

/// For a photo of `pixels` pixels that becomes `scale` times as large, on this machine now.
Allowance AllowanceFor(std::int64_t pixels, int scale);

class PhotoProcess {
 public:
  /// Errors: kUnavailable (no process), those of loading the networks.
  static Result<PhotoProcess> Start(const std::vector<std::string>& command, const Setup& setup);

  pid_t pid() const { return child_.pid(); }
  bool has_networks() const { return has_networks_; }
  const Ready& ready() const { return ready_; }

  /// The answer to `request`. Errors: kCancelled (`stop`), kImageTooLarge (over its time),
  /// kUnavailable (it died: end() tells), kInternal (it answers nonsense). What the work itself
  /// failed with is in the answer.
  Result<Message> Ask(const Outgoing& request, const Allowance& allowance, std::stop_token stop,
                      const restore::Progress& progress);

  /// How it died by itself; nothing where it lives, or was killed for a reason.
  const std::optional<ProcessEnd>& end() const { return end_; }

  /// Whether it is there, without asking it.
  bool IsAlive() const;
  /// Whether it holds much more memory than when it was new.
  bool HasGrown() const;

 private:
  PhotoProcess(ChildProcess child, Channel channel, bool has_networks)
      : child_(std::move(child)), channel_(std::move(channel)), has_networks_(has_networks) {}

  Result<Message> WaitForAnswer(const Allowance& allowance, const std::stop_token& stop,
                                const restore::Progress& progress);
  void NoteDeath();

  ChildProcess child_;
  Channel channel_;
  bool has_networks_;
  Ready ready_;
  std::int64_t size_when_new_ = 0;
  std::optional<ProcessEnd> end_;
};

}  // namespace gpen::sandbox
