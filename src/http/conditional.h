// Conditional and partial requests (RFC 9110): is the client's copy still good, and which bytes
// does it want? Pure functions of headers.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "http/request.h"

namespace gpen::http {

/// What is known of the thing that is asked for.
struct Representation {
  std::string etag;  ///< With its quotes: "\"abc\"".
  std::int64_t size = 0;
  std::time_t modified = 0;  ///< 0: not known.
};

/// status 200: everything; 206: `length` bytes from `offset`; 304: the client's copy is good; 416:
/// no such bytes.
struct Selection {
  int status = 200;
  std::int64_t offset = 0;
  std::int64_t length = 0;
};

/// Answers If-None-Match, If-Modified-Since, Range and If-Range. Of several ranges in one request
/// everything is sent, as the standard allows.
Selection Select(const Request& request, const Representation& representation);

/// "Tue, 24 Nov 2026 06:00:00 GMT"
std::string HttpDate(std::time_t time);

}  // namespace gpen::http
