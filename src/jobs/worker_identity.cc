#include "jobs/worker_identity.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace gpen::jobs {
namespace {

std::string FirstWord(const char* path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word.empty() ? "unknown" : word;
}

std::string PidNamespace() {
  std::array<char, 64> target{};
  const ssize_t size = ::readlink("/proc/self/ns/pid", target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : "unknown";
}

// In clock ticks since boot; empty if there is no such process.
std::string StartTime(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  // The name in parentheses may hold anything: the fields are counted from the last ')'.
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;  // Field 3 is the first after the name.
  return field;
}

std::vector<std::string> Parts(const std::string& identity) {
  std::vector<std::string> parts;
  std::istringstream text(identity);
  for (std::string part; std::getline(text, part, '/');) parts.push_back(part);
  return parts;
}

}  // namespace

std::string WorkerIdentity(int index) {
  const int pid = ::getpid();
  return fmt::format("{}/{}/{}/{}/{}", FirstWord("/proc/sys/kernel/random/boot_id"), PidNamespace(),
                     pid, StartTime(pid), index);
}

bool IsWorkerAlive(const std::string& identity) {
  const std::vector<std::string> parts = Parts(identity);
  if (parts.size() != 5) return true;
  const std::string boot = FirstWord("/proc/sys/kernel/random/boot_id");
  if (boot == "unknown" || parts[0] == "unknown") return true;
  if (boot != parts[0]) return false;
  if (parts[1] != PidNamespace()) return true;
  int pid = 0;
  const auto& digits = parts[2];
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
  if (parsed.ec != std::errc() || pid <= 0) return true;
  if (::kill(pid, 0) != 0 && errno == ESRCH) return false;
  const std::string start = StartTime(pid);
  return start.empty() || start == parts[3];
}

}  // namespace gpen::jobs
