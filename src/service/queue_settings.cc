#include "service/queue_settings.h"

#include <unistd.h>

#include <array>

namespace gpen::service {

std::string MachineName() {
  std::array<char, 256> name = {};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "machine";
}

Result<QueueSettings> QueueSettingsOf(const Configuration& configuration) {
  QueueSettings settings;
  GPEN_ASSIGN_OR_RETURN(settings.broker, redis::ParseAddress(configuration.broker));
  settings.backend = settings.broker;
  if (!configuration.backend.empty()) {
    GPEN_ASSIGN_OR_RETURN(settings.backend, redis::ParseAddress(configuration.backend));
  }
  settings.keys.database = settings.broker.database;
  settings.keys.prefix = configuration.worker_key_prefix;
  settings.keys.result_prefix = celery::ResultPrefixOf(configuration.worker_result_prefix);
  if (!configuration.worker_separator.empty()) {
    settings.keys.separator = configuration.worker_separator;
  }
  GPEN_ASSIGN_OR_RETURN(settings.keys.priority_steps,
                        celery::ParsePrioritySteps(configuration.worker_priority_steps));
  return settings;
}

}  // namespace gpen::service
