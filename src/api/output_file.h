// Answers with a file of outputs/.
#pragma once

#include <string>
#include <string_view>

#include "api/api_context.h"
#include "base/result.h"
#include "http/request.h"
#include "http/response.h"

namespace gpen::api {

/// The file `file` of outputs/, sent by nginx where that is in front. `download_name` is suggested
/// to the browser, which then saves; empty: it shows. Errors: kNotFound, kUnavailable.
Result<http::Response> OutputResponse(const ApiContext& context, const http::Request& request,
                                      const std::string& file, const std::string& download_name);

/// The name of the result `output` for the person who sent `name`: "photo.restored.jpg".
std::string ResultName(std::string_view name, std::string_view output);

}  // namespace gpen::api
