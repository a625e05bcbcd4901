// TLS over a connected socket, by OpenSSL.
#pragma once

#include <memory>

#include "base/descriptor.h"
#include "base/result.h"
#include "redis/address.h"
#include "redis/socket.h"
#include "redis/transport.h"

namespace gpen::redis {

/// Shakes hands. Errors: as Transport::Open().
Result<std::unique_ptr<Transport>> OpenTls(Descriptor socket, const Address& address,
                                           const Deadline& deadline);

}  // namespace gpen::redis
