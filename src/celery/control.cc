#include "celery/control.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "base/guarded.h"
#include "celery/control_methods.h"
#include "celery/iso_time.h"
#include "celery/message.h"

namespace gpen::celery {
namespace {

constexpr const char* kReplyLifetimeSeconds = "60";

bool IsMeant(const Json& body, const std::string& name) {
  const Json& destination = MemberOf(body, "destination");
  if (destination.is_array() && std::ranges::find(destination, Json(name)) == destination.end()) {
    return false;
  }
  const std::string pattern = TextOf(body, "pattern");
  if (pattern.empty()) return true;
  // The other kind of pattern, regular expressions of strangers, is not run here.
  const std::string matcher = TextOf(body, "matcher");
  return (matcher.empty() || matcher == "glob") && ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace

std::optional<ControlRequest> Control::Read(std::string_view message) const {
  const auto envelope = ParseJson(message);
  const auto body = ParseJson(BodyOf(message));
  if (!envelope || !body || !body->is_object()) return std::nullopt;
  const Json& headers = MemberOf(*envelope, "headers");
  const Json& expires = MemberOf(headers, "expires");
  if (expires.is_number() && expires.get<double>() > 0 &&
      expires.get<double>() < UnixSeconds(core_->clock->Now())) {
    return std::nullopt;
  }
  if (const Json& clock = MemberOf(headers, "clock"); clock.is_number_integer()) {
    core_->events.Adjust(clock.get<std::int64_t>());
  }
  if (!IsMeant(*body, core_->options.name)) return std::nullopt;
  ControlRequest request;
  request.method = TextOf(*body, "method");
  if (const Json& arguments = MemberOf(*body, "arguments"); arguments.is_object()) {
    request.arguments = arguments;
  }
  request.ticket = TextOf(*body, "ticket");
  request.reply_exchange = TextOf(MemberOf(*body, "reply_to"), "exchange");
  request.reply_key = TextOf(MemberOf(*body, "reply_to"), "routing_key");
  return request;
}

Json Control::Do(const ControlRequest& request) {
  const auto method = ControlMethods().find(request.method);
  if (method == ControlMethods().end()) {
    return Json{{"error", fmt::format("No such method: {}", request.method.substr(0, 100))}};
  }
  Json answer;
  const auto done = Guarded("remote control", [&]() -> Result<void> {
    answer = method->second(*core_, request.arguments);
    return {};
  });
  if (!done) answer = Json{{"error", done.error().message()}};
  return answer;
}

void Control::Answer(std::string_view message) {
  const auto request = Read(message);
  if (!request) return;
  const Json answer = Do(*request);
  if (!answer.is_null() && !request->reply_key.empty()) Reply(*request, answer);
}

// Clients bind a queue of their own, "<key>.<exchange>". One that has left never reads it.
void Control::Reply(const ControlRequest& request, const Json& answer) {
  NewMessage message;
  message.headers = Dump(Json{{"ticket", request.ticket}, {"clock", core_->events.Tick()}});
  message.body = Dump(Json{{core_->options.name, answer}});
  message.exchange = request.reply_exchange;
  message.routing_key = request.reply_key;
  const Keys& keys = core_->options.keys;
  const std::string list = keys.List(
      request.reply_key + (request.reply_exchange.empty() ? "" : "." + request.reply_exchange),
      keys.priority_steps.front());
  const auto sent = core_->broker_client.RunAtomically(
      {{"LPUSH", list, WriteMessage(message)}, {"EXPIRE", list, kReplyLifetimeSeconds}});
  if (!sent) core_->NoteProblem(sent.error().message());
}

}  // namespace gpen::celery
