#include "celery/task_id.h"

#include <fmt/format.h>

#include "base/random_id.h"

namespace gpen::celery {

std::string NewTaskId() {
  const std::string digits = RandomId();
  return fmt::format("{}-{}-4{}-a{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                     digits.substr(13, 3), digits.substr(17, 3), digits.substr(20, 12));
}

}  // namespace gpen::celery
