// The API's description: OpenAPI 3.1, and a page that shows it without other resources.
#pragma once

#include <string>
#include <string_view>

namespace gpen::api {

/// JSON text.
std::string_view OpenApiDocument();

/// HTML made from OpenApiDocument().
std::string OpenApiPage();

}  // namespace gpen::api
