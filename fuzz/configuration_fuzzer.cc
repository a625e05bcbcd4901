// Configuration files.
#include <cstdint>
#include <cstdlib>

#include "service/configuration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gpen::service::Configuration configuration;
  const auto applied = gpen::service::ApplyToml({reinterpret_cast<const char*>(data), size},
                                                "gpen.toml", &configuration);
  if (configuration.port < 0 || configuration.port > 65535) std::abort();
  if (!applied && applied.error().message().find("gpen.toml:") == std::string::npos) std::abort();
  return 0;
}
