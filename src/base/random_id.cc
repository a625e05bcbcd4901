#include "base/random_id.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/descriptor.h"
#include "base/piecewise_read.h"

namespace gpen {
namespace {

// Kernels before 3.17, which some NAS still run, have no getrandom(2).
bool FillFromDevice(std::span<std::byte> bytes) {
  const Descriptor device(::open("/dev/urandom", O_RDONLY | O_CLOEXEC));
  return device.is_open() && ReadAt(device.get(), 0, bytes).bytes == bytes.size();
}

}  // namespace

std::string RandomId() {
  std::array<std::byte, 16> bytes = {};
  // So few bytes always come, and whole.
  const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
  const bool filled = got == static_cast<ssize_t>(bytes.size()) ||
                      (got < 0 && errno == ENOSYS && FillFromDevice(bytes));
  if (!filled) std::abort();
  std::string id;
  for (const auto byte : bytes) id += fmt::format("{:02x}", std::to_integer<int>(byte));
  return id;
}

}  // namespace gpen
