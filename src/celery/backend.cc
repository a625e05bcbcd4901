#include "celery/backend.h"

#include "celery/iso_time.h"
#include "celery/json.h"

namespace gpen::celery {
namespace {

// KEYS: the result. ARGV: value, seconds, and with a third one only what nobody has begun changes.
constexpr const char* kStore = R"(
local before = redis.call('GET', KEYS[1])
if before then
  local good, meta = pcall(cjson.decode, before)
  local state = good and type(meta) == 'table' and meta['status']
  if state == 'SUCCESS' or state == 'REVOKED' then return 0 end
  if ARGV[3] and state and state ~= 'PENDING' and state ~= 'RETRY' then return 0 end
end
if tonumber(ARGV[2]) > 0 then
  redis.call('SETEX', KEYS[1], ARGV[2], ARGV[1])
else
  redis.call('SET', KEYS[1], ARGV[1])
end
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
)";

// KEYS: the parts, their number, the extra number. ARGV: part, index, seconds. A chord without its
// number is not all sent yet. Parts that are noted twice count once.
constexpr const char* kChordPart = R"(
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
if tonumber(ARGV[3]) > 0 then
  for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
end
local wanted = tonumber(redis.call('GET', KEYS[2]) or '')
if not wanted then return false end
wanted = wanted + (tonumber(redis.call('GET', KEYS[3]) or '0') or 0)
if redis.call('ZCARD', KEYS[1]) ~= wanted then return false end
local parts = redis.call('ZRANGE', KEYS[1], 0, -1)
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
return parts
)";

}  // namespace

std::string FormatFailure(const Failure& failure) {
  return Dump(Json{{"exc_type", failure.type},
                   {"exc_message", failure.messages},
                   {"exc_module", failure.module}});
}

bool IsFinal(const std::string& state) {
  return state == "SUCCESS" || state == "FAILURE" || state == "REVOKED";
}

Backend::Backend(redis::Client* client, const Clock* clock, Keys keys, Milliseconds expires)
    : client_(client),
      clock_(clock),
      keys_(std::move(keys)),
      expires_seconds_(expires.count() / 1000) {}

std::string Backend::Format(const Task& task, const StoredState& state) const {
  Json meta = {
      {"status", state.state},
      {"result", Json::parse(state.result, nullptr, false)},
      {"traceback", nullptr},
      {"children", Json::parse(state.children, nullptr, false)},
      {"task_id", task.id},
      {"date_done", IsFinal(state.state) ? Json(FormatIsoTime(clock_->Now())) : Json(nullptr)}};
  if (!task.group.empty()) meta["group_id"] = task.group;
  if (!task.parent_id.empty()) meta["parent_id"] = task.parent_id;
  return Dump(meta);
}

Result<bool> Backend::Store(const Task& task, const StoredState& state) {
  if (task.ignore_result) return true;
  static const redis::Script script{kStore};
  GPEN_ASSIGN_OR_RETURN(const auto reply, client_->RunScript(script, {keys_.Result(task.id)},
                                                             {Format(task, state),
                                                              std::to_string(expires_seconds_)}));
  return reply.integer == 1;
}

Result<bool> Backend::RevokeUnlessBegun(const std::string& id, const Failure& failure) {
  static const redis::Script script{kStore};
  Task task;
  task.id = id;
  const std::string meta = Format(task, {.state = "REVOKED", .result = FormatFailure(failure)});
  GPEN_ASSIGN_OR_RETURN(
      const auto reply,
      client_->RunScript(script, {keys_.Result(id)},
                         {meta, std::to_string(expires_seconds_), "unless begun"}));
  return reply.integer == 1;
}

Result<KnownState> Backend::Find(const std::string& id) {
  GPEN_ASSIGN_OR_RETURN(const auto reply, client_->Run({"GET", keys_.Result(id)}));
  KnownState known{.state = "PENDING", .result = "null"};
  if (reply.is_null()) return known;
  const auto meta = ParseJson(reply.text);
  if (!meta) return known;  // Not of ours; it will be replaced.
  if (auto state = TextOf(*meta, "status"); !state.empty()) known.state = std::move(state);
  known.result = Dump(MemberOf(*meta, "result"));
  return known;
}

Result<std::optional<std::vector<std::string>>> Backend::AddToChord(const Task& part,
                                                                    const std::string& state,
                                                                    const std::string& result) {
  static const redis::Script script{kChordPart};
  const Json member = Json::array({1, part.id, state, Json::parse(result, nullptr, false)});
  GPEN_ASSIGN_OR_RETURN(
      const auto reply,
      client_->RunScript(script,
                         {keys_.Group(part.group, ".j"), keys_.Group(part.group, ".s"),
                          keys_.Group(part.group, ".t")},
                         {Dump(member), std::to_string(part.group_index.value_or(0)),
                          std::to_string(expires_seconds_)}));
  if (reply.is_null()) return std::optional<std::vector<std::string>>();
  std::vector<std::string> parts;
  for (const auto& item : reply.items) parts.push_back(item.text);
  return std::optional(std::move(parts));
}

}  // namespace gpen::celery
