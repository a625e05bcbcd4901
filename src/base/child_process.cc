#include "base/child_process.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <system_error>
#include <utility>

extern char** environ;

namespace gpen {
namespace {

// What posix_spawn is told, which has to be given back.
class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, socket, ChildProcess::kSocket);
    // Which signals the threads of this program hold back is nothing to the child.
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_ = {};
  posix_spawnattr_t attributes_ = {};
};

}  // namespace

Result<ChildProcess> ChildProcess::Start(const std::vector<std::string>& command,
                                         Descriptor socket) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  // posix_spawn changes none of them.
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const SpawnSettings settings(socket.get());
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, arguments.front(), settings.actions(),
                                  settings.attributes(), arguments.data(), environ);
  if (error != 0) {
    return Error(ErrorCode::kUnavailable, fmt::format("cannot start {}: {}", command.front(),
                                                      std::generic_category().message(error)));
  }
  return ChildProcess(pid);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  Kill();
  Wait();
}

void ChildProcess::Kill() const {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

ProcessEnd ChildProcess::Wait() {
  int status = 0;
  pid_t waited = 0;
  do {
    waited = ::waitpid(pid_, &status, 0);
  } while (waited < 0 && errno == EINTR);
  pid_ = -1;
  if (waited < 0) return {};
  if (WIFSIGNALED(status)) return {.exit_code = 0, .signal = WTERMSIG(status)};
  return {.exit_code = WEXITSTATUS(status), .signal = 0};
}

Milliseconds ChildProcess::ProcessorTime() const {
  clockid_t clock = 0;
  timespec time = {};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    return Milliseconds(0);
  }
  return std::chrono::duration_cast<Milliseconds>(std::chrono::seconds(time.tv_sec) +
                                                  std::chrono::nanoseconds(time.tv_nsec));
}

std::vector<std::string> OwnCommand() {
  // A program that was started by a loader of its own (packaging) names what starts it.
  const char* launcher = std::getenv("GPEN_LAUNCHER");  // NOLINT(concurrency-mt-unsafe)
  if (launcher != nullptr && launcher[0] == '/') return {launcher};
  // Not its path: an upgrade may have put another version there.
  return {"/proc/self/exe"};
}

}  // namespace gpen
