#include "api/random_id.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cstdlib>

namespace gpen::api {

std::string RandomId() {
  std::array<unsigned char, 16> bytes = {};
  // So few bytes always come, and whole (getrandom(2)).
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    std::abort();
  }
  std::string id;
  for (const auto byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

}  // namespace gpen::api
