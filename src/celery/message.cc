#include "celery/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/inflate.h"
#include "base/random_id.h"
#include "celery/base64.h"
#include "celery/iso_time.h"
#include "celery/json.h"

namespace gpen::celery {
namespace {

constexpr std::size_t kMostBodyBytes = std::size_t{8} << 20;
constexpr int kMostPriority = 255;

Failure ValueError(std::string message) {
  return {.type = "ValueError", .module = "builtins", .messages = {std::move(message)}};
}

Failure Disallowed(std::string_view type) {
  return {.type = "ContentDisallowed",
          .module = "kombu.exceptions",
          .messages = {
              fmt::format("Refusing to deserialize disabled content of type {}; send JSON", type)}};
}

// The decoded body, or why there is none.
Result<std::string> Decode(const Json& envelope) {
  const Json& body = MemberOf(envelope, "body");
  if (body.is_array() || body.is_object()) return Dump(body);
  if (!body.is_string()) return Error(ErrorCode::kInvalidArgument, "expected a body");
  const auto& text = body.get_ref<const std::string&>();
  const auto encoding = TextOf(MemberOf(envelope, "properties"), "body_encoding");
  // Some clients forget to say that it is Base64.
  const bool is_plain =
      encoding.empty() ? text.starts_with('[') || text.starts_with('{') : encoding != "base64";
  auto decoded = is_plain ? std::optional(text) : DecodeBase64(text);
  if (!decoded) return Error(ErrorCode::kInvalidArgument, "expected a body in Base64");
  if (decoded->size() > kMostBodyBytes) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected a body of at most {} bytes", kMostBodyBytes));
  }
  const auto compression = TextOf(MemberOf(envelope, "headers"), "compression");
  if (compression.empty()) return *std::move(decoded);
  if (compression != "application/x-gzip" && compression != "gzip" && compression != "zlib") {
    return Error(ErrorCode::kUnsupportedFormat,
                 fmt::format("expected no compression or gzip, found {}", compression));
  }
  GPEN_ASSIGN_OR_RETURN(const auto body_bytes,
                        Inflate(AsBytes(*decoded), kMostBodyBytes, Packing::kZlibOrGzip));
  return std::string(AsText(body_bytes));
}

std::string OptionalText(const Json& json) {
  return json.is_null() || json.empty() ? std::string() : Dump(json);
}

void ReadEmbedded(const Json& embedded, Task* task) {
  task->callbacks = OptionalText(MemberOf(embedded, "callbacks"));
  task->errbacks = OptionalText(MemberOf(embedded, "errbacks"));
  task->chain = OptionalText(MemberOf(embedded, "chain"));
  task->chord = OptionalText(MemberOf(embedded, "chord"));
}

// A moment that is not given is no fault; one that cannot be read is.
Result<std::optional<Timestamp>> ReadTime(const Json& headers, const char* name) {
  const Json& value = MemberOf(headers, name);
  if (value.is_null()) return std::optional<Timestamp>();
  const auto time = value.is_string() ? ParseIsoTime(value.get_ref<const std::string&>())
                                      : std::optional<Timestamp>();
  if (time) return time;
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("expected {} as a moment of ISO 8601, found {}", name,
                           Dump(value).substr(0, 100)));
}

std::optional<double> ReadSeconds(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  const double seconds = value.get<double>();
  return std::isfinite(seconds) && seconds > 0 ? std::optional(seconds) : std::nullopt;
}

int ReadSmall(const Json& value, int most) {
  return value.is_number_integer()
             ? static_cast<int>(std::clamp<std::int64_t>(value.get<std::int64_t>(), 0, most))
             : 0;
}

Result<void> ReadHeaders(const Json& headers, Task* task) {
  GPEN_ASSIGN_OR_RETURN(task->eta, ReadTime(headers, "eta"));
  GPEN_ASSIGN_OR_RETURN(task->expires, ReadTime(headers, "expires"));
  task->retries = ReadSmall(MemberOf(headers, "retries"), 1'000'000);
  if (const Json& limits = MemberOf(headers, "timelimit");
      limits.is_array() && limits.size() == 2) {
    task->hard_limit = ReadSeconds(limits[0]);
    task->soft_limit = ReadSeconds(limits[1]);
  }
  task->root_id = TextOf(headers, "root_id");
  task->parent_id = TextOf(headers, "parent_id");
  task->group = TextOf(headers, "group");
  if (const Json& index = MemberOf(headers, "group_index"); index.is_number_integer()) {
    task->group_index = index.get<std::int64_t>();
  }
  task->ignore_result = MemberOf(headers, "ignore_result") == true;
  task->redelivered = MemberOf(headers, "redelivered") == true;
  task->args_shown = TextOf(headers, "argsrepr");
  task->kwargs_shown = TextOf(headers, "kwargsrepr");
  task->origin = TextOf(headers, "origin");
  return {};
}

// [args, kwargs, {"callbacks": ...}].
Result<void> ReadBody2(const Json& body, Task* task) {
  if (!body.is_array() || body.size() < 2 || !body[0].is_array() || !body[1].is_object()) {
    return Error(ErrorCode::kInvalidArgument, "expected a body [[arguments], {names}, {...}]");
  }
  task->args = Dump(body[0]);
  task->kwargs = Dump(body[1]);
  if (body.size() > 2) ReadEmbedded(body[2], task);
  return {};
}

// Protocol 1 has everything in the body.
Result<void> ReadBody1(const Json& body, Task* task) {
  if (!body.is_object()) {
    return Error(ErrorCode::kInvalidArgument,
                 "expected headers with a task, or a body that has it");
  }
  task->id = TextOf(body, "id");
  task->name = TextOf(body, "task");
  GPEN_TRY(ReadHeaders(body, task));
  task->group = TextOf(body, "taskset");
  const Json& args = MemberOf(body, "args");
  const Json& kwargs = MemberOf(body, "kwargs");
  if (args.is_array()) task->args = Dump(args);
  if (kwargs.is_object()) task->kwargs = Dump(kwargs);
  ReadEmbedded(body, task);
  return {};
}

Result<void> ReadInto(const Json& envelope, Task* task) {
  const Json& headers = MemberOf(envelope, "headers");
  GPEN_ASSIGN_OR_RETURN(const auto text, Decode(envelope));
  GPEN_ASSIGN_OR_RETURN(const Json body, ParseJson(text));
  if (task->name.empty()) {
    GPEN_TRY(ReadBody1(body, task));
  } else {
    GPEN_TRY(ReadHeaders(headers, task));
    GPEN_TRY(ReadBody2(body, task));
  }
  if (task->id.empty() || task->name.empty()) {
    return Error(ErrorCode::kInvalidArgument, "expected a task with a name and an id");
  }
  return {};
}

}  // namespace

ReadTask ReadMessage(std::string_view message) {
  ReadTask read;
  const auto envelope = ParseJson(message);
  if (!envelope) {
    read.refusal = ValueError(envelope.error().message());
    return read;
  }
  const Json& headers = MemberOf(*envelope, "headers");
  Task& task = read.task;
  task.id = TextOf(headers, "id");
  task.name = TextOf(headers, "task");
  task.ignore_result = MemberOf(headers, "ignore_result") == true;
  task.priority = ReadSmall(MemberOf(MemberOf(*envelope, "properties"), "priority"), kMostPriority);
  const auto type = TextOf(*envelope, "content-type");
  if (!type.empty() && type != "application/json") {
    read.refusal = Disallowed(type);
    return read;
  }
  const auto taken = ReadInto(*envelope, &task);
  if (taken) return read;
  read.refusal = taken.error().code() == ErrorCode::kUnsupportedFormat
                     ? Disallowed(taken.error().message())
                     : ValueError(taken.error().message());
  return read;
}

std::string BodyOf(std::string_view message) {
  const auto envelope = ParseJson(message);
  const auto type = envelope ? TextOf(*envelope, "content-type") : std::string("none");
  if (!type.empty() && type != "application/json") return "";
  return Decode(*envelope).value_or("");
}

std::string WriteMessage(const NewMessage& message) {
  Json properties = {
      {"correlation_id", message.correlation_id},
      {"reply_to", message.reply_to},
      {"delivery_mode", 2},
      {"delivery_info", {{"exchange", message.exchange}, {"routing_key", message.routing_key}}},
      {"priority", message.priority},
      {"body_encoding", "base64"},
      {"delivery_tag", message.delivery_tag.empty() ? RandomId() : message.delivery_tag}};
  const Json envelope = {{"body", EncodeBase64(message.body)},
                         {"content-encoding", "utf-8"},
                         {"content-type", "application/json"},
                         {"headers", Json::parse(message.headers, nullptr, false)},
                         {"properties", std::move(properties)}};
  return Dump(envelope);
}

NewMessage MessageFor(const Task& task, const std::string& sender) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  const auto moment = [](const std::optional<Timestamp>& time) {
    return time ? Json(FormatIsoTime(*time)) : Json();
  };
  const auto number = [](const auto& value) { return value ? Json(*value) : Json(); };
  const auto parsed = [](const std::string& text) {
    return text.empty() ? Json() : Json::parse(text, nullptr, false);
  };
  const Json headers = {
      {"lang", "c++"},
      {"task", task.name},
      {"id", task.id},
      {"shadow", nullptr},
      {"eta", moment(task.eta)},
      {"expires", moment(task.expires)},
      {"group", or_null(task.group)},
      {"group_index", number(task.group_index)},
      {"retries", task.retries},
      {"timelimit", Json::array({number(task.hard_limit), number(task.soft_limit)})},
      {"root_id", or_null(task.root_id)},
      {"parent_id", or_null(task.parent_id)},
      {"argsrepr", task.args_shown.empty() ? task.args.substr(0, 1024) : task.args_shown},
      {"kwargsrepr", task.kwargs_shown.empty() ? task.kwargs.substr(0, 1024) : task.kwargs_shown},
      {"origin", sender},
      {"ignore_result", task.ignore_result}};
  const Json body = Json::array({parsed(task.args), parsed(task.kwargs),
                                 Json{{"callbacks", parsed(task.callbacks)},
                                      {"errbacks", parsed(task.errbacks)},
                                      {"chain", parsed(task.chain)},
                                      {"chord", parsed(task.chord)}}});
  return {.headers = Dump(headers),
          .body = Dump(body),
          .correlation_id = task.id,
          .priority = task.priority};
}

std::string RetryOf(std::string_view message, int retries, Timestamp eta) {
  Json envelope = Json::parse(message.begin(), message.end(), nullptr, false);
  Json& properties = envelope["properties"];
  if (!properties.is_object()) properties = Json::object();
  if (!TextOf(MemberOf(envelope, "headers"), "task").empty()) {
    envelope["headers"]["retries"] = retries;
    envelope["headers"]["eta"] = FormatIsoTime(eta);
    envelope["headers"].erase("redelivered");
  } else {  // Protocol 1.
    auto body = ParseJson(BodyOf(message));
    if (body && body->is_object()) {
      (*body)["retries"] = retries;
      (*body)["eta"] = FormatIsoTime(eta);
      envelope["body"] = EncodeBase64(Dump(*body));
      properties["body_encoding"] = "base64";
      if (envelope.contains("headers") && envelope["headers"].is_object()) {
        envelope["headers"].erase("compression");
      }
    }
  }
  properties["delivery_tag"] = RandomId();
  return Dump(envelope);
}

}  // namespace gpen::celery
