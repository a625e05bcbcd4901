#include "base/cpu.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

namespace gpen {
namespace {

std::optional<std::int64_t> ReadNumber(const char* path) {
  std::ifstream file(path);
  std::int64_t value = 0;
  if (file >> value) return value;
  return std::nullopt;  // "max" or no such file: no limit.
}

// The text after `key` and its colon in the first matching line of `path`.
std::string ReadField(const char* path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

// What the limit of address space leaves: the first number of statm is what is in use, in pages.
std::optional<std::int64_t> AddressSpaceLeft() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  const auto pages = ReadNumber("/proc/self/statm");
  if (!pages) return std::nullopt;
  const auto used = static_cast<rlim_t>(*pages) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
  return static_cast<std::int64_t>(limit.rlim_cur - std::min(limit.rlim_cur, used));
}

}  // namespace

int AvailableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cpus = ::sched_getaffinity(0, sizeof(set), &set) == 0
                 ? CPU_COUNT(&set)
                 : static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  std::ifstream quota_file("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  if (quota_file >> quota >> period && period > 0) {
    cpus = std::min(cpus, static_cast<int>(std::ceil(quota / period)));
  }
  return std::max(cpus, 1);
}

std::int64_t AvailableMemoryBytes() {
  std::int64_t available = 0;
  std::istringstream field(ReadField("/proc/meminfo", "MemAvailable"));
  if (std::int64_t kilobytes = 0; field >> kilobytes) available = kilobytes * 1024;
  const auto limit = ReadNumber("/sys/fs/cgroup/memory.max");
  const auto used = ReadNumber("/sys/fs/cgroup/memory.current");
  if (limit && used) {
    const std::int64_t left = std::max<std::int64_t>(*limit - *used, 0);
    available = available == 0 ? left : std::min(available, left);
  }
  if (const auto left = AddressSpaceLeft()) {
    available = available == 0 ? *left : std::min(available, *left);
  }
  return available;
}

std::int64_t PeakResidentBytes() {
  std::istringstream field(ReadField("/proc/self/status", "VmHWM"));
  if (std::int64_t kilobytes = 0; field >> kilobytes) return kilobytes * 1024;
  // Where /proc is hidden. Who was started by a larger program has its peak here.
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

std::vector<std::string> CpuFeatures() {
  std::vector<std::string> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.2")) found.emplace_back("sse4.2");
  if (__builtin_cpu_supports("avx")) found.emplace_back("avx");
  if (__builtin_cpu_supports("avx2")) found.emplace_back("avx2");
  if (__builtin_cpu_supports("fma")) found.emplace_back("fma");
  if (__builtin_cpu_supports("avx512f")) found.emplace_back("avx512f");
  if (__builtin_cpu_supports("avx512vnni")) found.emplace_back("avx512vnni");
  const std::string flags = " " + ReadField("/proc/cpuinfo", "flags") + " ";
  if (flags.find(" avx_vnni ") != std::string::npos) found.emplace_back("avx_vnni");
#else
  const std::string flags = " " + ReadField("/proc/cpuinfo", "Features") + " ";
  for (const auto* name : {"asimd", "asimddp", "asimdhp", "i8mm", "bf16", "sve"}) {
    if (flags.find(" " + std::string(name) + " ") != std::string::npos) found.emplace_back(name);
  }
#endif
  return found;
}

std::string CpuName() {
  for (const auto* key : {"model name", "Model", "Hardware"}) {
    if (auto name = ReadField("/proc/cpuinfo", key); !name.empty()) return name;
  }
  return "unknown";
}

}  // namespace gpen
