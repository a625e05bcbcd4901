#include "celery/json.h"

#include <fmt/format.h>

namespace gpen::celery {
namespace {

constexpr int kMostDepth = 64;

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  bool is_deep = false;
  const auto watch_depth = [&](int depth, Json::parse_event_t, Json&) {
    is_deep = is_deep || depth > kMostDepth;
    return !is_deep;  // What lies deeper is not kept.
  };
  auto json = Json::parse(text.begin(), text.end(), watch_depth, false);
  if (is_deep) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected JSON nested at most {} deep", kMostDepth));
  }
  if (json.is_discarded()) {
    return Error(ErrorCode::kInvalidArgument, "expected JSON, found something else");
  }
  return json;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& MemberOf(const Json& object, const char* name) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto found = object.find(name);
  return found == object.end() ? null : *found;
}

std::string TextOf(const Json& object, const char* name) {
  const Json& member = MemberOf(object, name);
  return member.is_string() ? member.get<std::string>() : std::string();
}

}  // namespace gpen::celery
