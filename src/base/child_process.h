// ChildProcess: another process of this program, which does not outlive this object.
//
// Not thread-safe; Kill() alone may be called beside anything.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/result.h"

namespace gpen {

/// How a process ended.
struct ProcessEnd {
  int exit_code = 0;
  int signal = 0;  ///< That ended it; 0 where it ended by itself.
};

class ChildProcess {
 public:
  /// The descriptor under which a child finds the socket that it was started with.
  static constexpr int kSocket = 3;

  /// Starts `command` (the program's path, then its arguments) with `socket` as kSocket. Beside
  /// that it has what is not closed on exec. Errors: kUnavailable.
  static Result<ChildProcess> Start(const std::vector<std::string>& command, Descriptor socket);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  /// Kills it where it still runs.
  ~ChildProcess();

  pid_t pid() const { return pid_; }

  /// At once, whatever it does.
  void Kill() const;

  /// Waits for its end, which is the last thing that may be asked of it.
  ProcessEnd Wait();

  /// Processor time of all its threads so far; 0 where the system does not tell.
  Milliseconds ProcessorTime() const;

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_ = -1;  ///< -1: there is none, or it was waited for.
};

/// What starts this very program again, also where an upgrade has replaced its file.
std::vector<std::string> OwnCommand();

}  // namespace gpen
