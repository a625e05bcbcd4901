// The thumbnails of a photo, before and after.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/api_context.h"
#include "base/result.h"
#include "http/request.h"
#include "http/response.h"
#include "photos/photo_job.h"

namespace gpen::api {

enum class Side : std::uint8_t { kBefore, kAfter };

/// "before", "after".
std::string_view NameOf(Side side);

/// Errors: kNotFound (there is none).
Result<http::Response> ThumbnailResponse(const ApiContext& context, const http::Request& request,
                                         const photos::PhotoJob& job, Side side);

}  // namespace gpen::api
