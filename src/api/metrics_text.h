// The service's state as metrics in Prometheus' text format.
#pragma once

#include <string>

#include "api/api_context.h"

namespace gpen::api {

/// What cannot be read now is left out.
std::string MetricsText(const ApiContext& context);

}  // namespace gpen::api
