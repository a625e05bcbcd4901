// Whether an address belongs to the open internet, and not to a machine itself, a house's network,
// or anything else that only somebody inside should reach.
#pragma once

#include <sys/socket.h>

namespace gpen::fetch {

/// False also for what is neither IPv4 nor IPv6.
bool IsPublicAddress(const sockaddr& address);

}  // namespace gpen::fetch
