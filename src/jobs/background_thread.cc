#include "jobs/background_thread.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gpen::jobs {
namespace {

// From linux/ioprio.h, which not every libc's headers bring.
constexpr int kIoPrioWhoProcess = 1;
constexpr int kIoPrioClassIdle = 3;
constexpr int kIoPrioClassShift = 13;
constexpr int kNice = 10;

}  // namespace

std::string LowerThisThread() {
  std::string problems;
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  // On Linux the "process" of setpriority is a thread.
  if (::setpriority(PRIO_PROCESS, thread, kNice) != 0) {
    problems += fmt::format("nice {}: {}; ", kNice, std::strerror(errno));
  }
  if (::syscall(SYS_ioprio_set, kIoPrioWhoProcess, 0, kIoPrioClassIdle << kIoPrioClassShift) != 0) {
    problems += fmt::format("idle I/O class: {}; ", std::strerror(errno));
  }
  return problems;
}

}  // namespace gpen::jobs
