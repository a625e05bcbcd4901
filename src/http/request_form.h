// Whether the header of a request has the form that RFC 9112 wants, where others in front of us
// could read it another way. libmicrohttpd lets much of this pass. Pure functions.
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/request.h"

namespace gpen::http {

/// `headers` with their names as the client wrote them. Errors: kInvalidArgument: two lengths, a
/// length beside chunks, a coding that is not chunked, names that are no tokens (a space before the
/// colon), no host or two, control characters, an unknown version.
Result<void> CheckForm(std::string_view version, const Fields& headers);

}  // namespace gpen::http
