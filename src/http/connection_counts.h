// ConnectionCounts: what a server tells about its connections. Made before the server, so that its
// handlers can read them from the first request on. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

namespace gpen::http {

struct ConnectionCounts {
  std::atomic<int> open = 0;
  std::atomic<std::int64_t> ended_slow = 0;  ///< Ended by the server for being too slow.
  std::atomic<std::int64_t> refused = 0;     ///< For want of a place for their address.
};

}  // namespace gpen::http
