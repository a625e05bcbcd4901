// What worker and service say to the queue of Celery that they share, as the configuration has it.
#pragma once

#include <string>

#include "base/result.h"
#include "celery/keys.h"
#include "redis/address.h"
#include "service/configuration.h"

namespace gpen::service {

struct QueueSettings {
  redis::Address broker = {};
  redis::Address backend = {};
  celery::Keys keys = {};
};

/// Errors: kInvalidArgument (an address or a setting that makes no sense).
Result<QueueSettings> QueueSettingsOf(const Configuration& configuration);

/// This machine's name.
std::string MachineName();

}  // namespace gpen::service
