// JSON inside this module: read with a limit on depth, because a text may come from anybody, and
// written always as UTF-8. Other modules see texts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gpen::celery {

using Json = nlohmann::ordered_json;

/// Errors: kInvalidArgument (no JSON, or nested deeper than 64).
Result<Json> ParseJson(std::string_view text);

/// On one line; what is no UTF-8 is replaced.
std::string Dump(const Json& json);

/// The text `name` of an object; empty where it is missing or something else.
std::string TextOf(const Json& object, const char* name);

/// The member `name` of an object; null where there is none.
const Json& MemberOf(const Json& object, const char* name);

}  // namespace gpen::celery
