// Answers with a file, or with bytes in memory: ETag, Last-Modified, Range, 304.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/request.h"
#include "http/response.h"

namespace gpen::http {

struct Presentation {
  std::string content_type;   ///< From the name's extension where empty.
  std::string download_name;  ///< Suggested to the browser, which then saves; empty: it shows.
  std::string cache_control = "private, no-cache";
};

/// The file at `path`, which the caller has checked to be one that may be sent. Symbolic links and
/// what is not a regular file are refused.
///
/// Errors: kNotFound, kUnavailable.
Result<Response> FileResponse(const Request& request, const std::filesystem::path& path,
                              const Presentation& presentation);

/// `bytes`, named `etag` (without quotes).
Response BytesResponse(const Request& request, std::string_view bytes, std::string_view etag,
                       const Presentation& presentation);

/// "image/jpeg" for ".jpg", ".JPG", and so on; "application/octet-stream" for what is not known.
std::string_view ContentTypeOf(std::string_view file_name);

/// Content-Disposition for a download under `name`, whatever characters it has.
std::string Attachment(std::string_view name);

}  // namespace gpen::http
