#include "sandbox/photo_process.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/cpu.h"

namespace gpen::sandbox {
namespace {

using std::chrono::seconds;

constexpr Milliseconds kLookEvery{100};    // For a stop, and the time that was used.
constexpr Milliseconds kTimeToStop{2000};  // For one that was asked to; then it is killed.
constexpr Milliseconds kTimeToLoad{120'000};
constexpr std::int64_t kMemoryLeftFree = std::int64_t{32} << 20;
constexpr std::int64_t kMostGrowth = std::int64_t{384} << 20;

// A line of /proc/PID/status, "VmData:   1234 kB", in bytes; 0 where there is none.
std::int64_t StatusBytes(pid_t pid, std::string_view name) {
  std::ifstream file(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') continue;
    return std::strtoll(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
  }
  return 0;
}

// Memory that it writes to, above what it has: more is refused to it, and the rest of the machine
// goes on.
void LimitMemory(pid_t pid, std::int64_t more) {
  const std::int64_t now = StatusBytes(pid, "VmData");
  if (more <= 0 || now <= 0) return;
  rlimit limit = {};
  if (::prlimit(pid, RLIMIT_DATA, nullptr, &limit) != 0) return;
  limit.rlim_cur = std::min(static_cast<rlim_t>(now + more), limit.rlim_max);
  ::prlimit(pid, RLIMIT_DATA, &limit, nullptr);
}

}  // namespace

Allowance AllowanceFor(std::int64_t pixels, int scale) {
  // Some twenty times what a Celeron takes.
  const std::int64_t megapixels = pixels / 1'000'000;
  Allowance allowance;
  allowance.decoding = seconds(20 + megapixels);
  allowance.each_further_step = seconds(120 + 20 * megapixels * scale * scale);
  const std::int64_t available = AvailableMemoryBytes();
  if (available > 0) allowance.memory_bytes = std::max(available - kMemoryLeftFree, available / 2);
  return allowance;
}

Result<PhotoProcess> PhotoProcess::Start(const std::vector<std::string>& command,
                                         const Setup& setup) {
  GPEN_ASSIGN_OR_RETURN(auto line, Channel::MakePair());
  GPEN_ASSIGN_OR_RETURN(auto child, ChildProcess::Start(command, std::move(line.second)));
  PhotoProcess process(std::move(child), std::move(line.first), setup.loads_networks);
  const Outgoing first = WriteSetup(setup);
  GPEN_TRY(process.channel_.Send(first.text));
  const auto received = process.channel_.Receive(kTimeToLoad);
  if (!received) {
    process.NoteDeath();
    return Error(ErrorCode::kUnavailable,
                 fmt::format("the process for photos ended at its start (signal {}, exit code {})",
                             process.end_->signal, process.end_->exit_code));
  }
  const auto& answer = *received;
  if (!answer) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("the process for photos was not ready within {} s",
                             kTimeToLoad.count() / 1000));
  }
  GPEN_ASSIGN_OR_RETURN(process.ready_, ReadReady(*answer));
  process.size_when_new_ = StatusBytes(process.pid(), "RssAnon");
  return process;
}

bool PhotoProcess::IsAlive() const {
  siginfo_t ended = {};
  return ::waitid(P_PID, static_cast<id_t>(child_.pid()), &ended, WEXITED | WNOHANG | WNOWAIT) ==
             0 &&
         ended.si_pid == 0;
}

bool PhotoProcess::HasGrown() const {
  return StatusBytes(child_.pid(), "RssAnon") > size_when_new_ + kMostGrowth;
}

void PhotoProcess::NoteDeath() {
  // It may only have closed its line.
  if (IsAlive()) child_.Kill();
  end_ = child_.Wait();
}

Result<Message> PhotoProcess::Ask(const Outgoing& request, const Allowance& allowance,
                                  std::stop_token stop, const restore::Progress& progress) {
  LimitMemory(child_.pid(), allowance.memory_bytes);
  if (const auto sent = channel_.Send(request.text, request.parts); !sent) {
    if (sent.error().code() == ErrorCode::kUnavailable) NoteDeath();
    return sent.error();
  }
  return WaitForAnswer(allowance, stop, progress);
}

Result<Message> PhotoProcess::WaitForAnswer(const Allowance& allowance, const std::stop_token& stop,
                                            const restore::Progress& progress) {
  Milliseconds allowed = allowance.decoding;
  Milliseconds step_began = child_.ProcessorTime();
  std::optional<std::chrono::steady_clock::time_point> stop_until;
  for (;;) {
    auto received = channel_.Receive(kLookEvery);
    if (!received) {
      if (received.error().code() == ErrorCode::kUnavailable) NoteDeath();
      return received.error();
    }
    if (*received) {
      const auto progressed = ReadProgress(**received);
      if (!progressed) return **std::move(received);
      if (progress) progress(progressed->step, progressed->part, progressed->parts);
      if (progressed->step != restore::Step::kDecode) allowed = allowance.each_further_step;
      step_began = child_.ProcessorTime();
    }
    if (stop.stop_requested()) {
      const auto now = std::chrono::steady_clock::now();
      if (!stop_until) {
        stop_until = now + kTimeToStop;
        GPEN_TRY(channel_.Send(WriteStop().text));
      } else if (now > *stop_until) {
        return Error(ErrorCode::kCancelled, "stopped on request");
      }
    }
    if (child_.ProcessorTime() - step_began > allowed) {
      return Error(ErrorCode::kImageTooLarge,
                   fmt::format("the photo takes more than {} s of processor time in one step, far "
                               "more than one of its size should: the file is damaged, or made to "
                               "do harm",
                               allowed.count() / 1000));
    }
  }
}

}  // namespace gpen::sandbox
