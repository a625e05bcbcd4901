// Sentinel: Redis's own watchmen, who know which of several servers is the master now.
#pragma once

#include "base/result.h"
#include "redis/connection.h"

namespace gpen::redis {

/// The address of the server that the Sentinels of `address` call the master; the first that knows
/// it is believed. Errors: kUnavailable (none answers, or none knows the name).
Result<Address> FindMaster(const Address& address, const ConnectionOptions& options);

}  // namespace gpen::redis
