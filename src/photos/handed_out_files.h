// HandedOutFiles: photos that are on their way to other machines through this service's own
// addresses, and what comes back there. Each task has a secret of its own; whoever knows it may.
//
// Implementations are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpen::photos {

class HandedOutFiles {
 public:
  using Bytes = std::vector<std::byte>;
  virtual ~HandedOutFiles() = default;

  // Errors of all: kNotFound (no such task now, or another secret).

  virtual Result<std::shared_ptr<const Bytes>> Photo(std::string_view task,
                                                     std::string_view secret) const = 0;
  /// How large what is put may be.
  virtual Result<std::int64_t> MostBytes(std::string_view task, std::string_view secret) const = 0;
  /// What the machine made; the last one counts.
  virtual Result<void> Put(std::string_view task, std::string_view secret, Bytes bytes) = 0;
};

}  // namespace gpen::photos
