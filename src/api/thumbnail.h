// The thumbnails of a photo: before, after, and where it was repaired.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/api_context.h"
#include "base/result.h"
#include "http/request.h"
#include "http/response.h"
#include "photos/photo_job.h"

namespace gpen::api {

enum class Thumbnail : std::uint8_t { kBefore, kAfter, kMask };

/// "before", "after", "mask".
std::string_view NameOf(Thumbnail which);

/// Errors: kNotFound (there is none).
Result<http::Response> ThumbnailResponse(const ApiContext& context, const http::Request& request,
                                         const photos::PhotoJob& job, Thumbnail which);

}  // namespace gpen::api
