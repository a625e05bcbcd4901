// Messages of Celery: whatever comes is a task or a refusal, and a task can be sent again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "celery/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const auto read = gpen::celery::ReadMessage(message);
  (void)gpen::celery::BodyOf(message);
  if (read.refusal) return 0;
  const auto again = gpen::celery::ReadMessage(gpen::celery::RetryOf(message, 1, {}));
  if (again.refusal || again.task.id != read.task.id || again.task.args != read.task.args) {
    std::abort();
  }
  return 0;
}
