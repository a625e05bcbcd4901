#include "celery/broker_scripts.h"

#include <string>

namespace gpen::celery {
namespace {

// The message is put into `unacked` as text: cjson would write [] as {}. A claim is noted as
// "worker \n length of the message \n list", so that the message is found again in its row.
constexpr const char* kClaim = R"(
local function member(object, name)
  if type(object) == 'table' then return object[name] end
end
local function text(value)
  if type(value) == 'string' then return value end
  return ''
end
local time = redis.call('TIME')
for i = 7, #KEYS do
  local message = redis.call('RPOP', KEYS[i])
  if message then
    local good, envelope = pcall(cjson.decode, message)
    if not good or type(envelope) ~= 'table' then
      redis.call('LPUSH', KEYS[5], message)
      redis.call('LTRIM', KEYS[5], 0, 99)
      return {KEYS[i], '', '', '', 0, #message}
    end
    local properties = member(envelope, 'properties')
    local info = member(properties, 'delivery_info')
    local tag = text(member(properties, 'delivery_tag'))
    if tag == '' or redis.call('HEXISTS', KEYS[1], tag) == 1 then tag = ARGV[2] end
    local exchange = cjson.encode(text(member(info, 'exchange')))
    local key = cjson.encode(text(member(info, 'routing_key')))
    redis.call('ZADD', KEYS[2], time[1] .. '.' .. string.format('%06d', time[2]), tag)
    redis.call('HSET', KEYS[1], tag, '[' .. message .. ',' .. exchange .. ',' .. key .. ']')
    redis.call('HSET', KEYS[3], tag, ARGV[1] .. '\n' .. #message .. '\n' .. KEYS[i])
    -- Who claims is there, though the server may have forgotten it.
    redis.call('SET', KEYS[6], ARGV[4], 'PX', ARGV[5], 'NX')
    local id = text(member(member(envelope, 'headers'), 'id'))
    local attempt = 1
    if id ~= '' then attempt = redis.call('HINCRBY', KEYS[4], id, 1) end
    local shown = message
    if #message > tonumber(ARGV[3]) then shown = '' end
    return {KEYS[i], tag, shown, id, attempt, #message}
  end
end
return false
)";

// Takes the claim of `tag` off, if it is the worker's; its length and list.
constexpr const char* kTakeOff = R"(
local function take_off(tag, is_whose)
  local claim = redis.call('HGET', KEYS[3], tag)
  if not claim then return nil end
  local worker, length, list = claim:match('^([^\n]*)\n(%d+)\n(.*)$')
  if not worker or not is_whose(worker) then return nil end
  redis.call('HDEL', KEYS[3], tag)
  return tonumber(length), list
end
local function put_back(tag, length, list)
  local row = redis.call('HGET', KEYS[1], tag)
  redis.call('HDEL', KEYS[1], tag)
  redis.call('ZREM', KEYS[2], tag)
  if not row or row:sub(length + 2, length + 2) ~= ',' then return 0 end
  redis.call('RPUSH', list, row:sub(2, length + 1))
  return 1
end
local function is_mine(worker) return worker == ARGV[1] end
)";

constexpr const char* kAcknowledge = R"(
local length = take_off(ARGV[2], is_mine)
if not length then return 0 end
redis.call('HDEL', KEYS[1], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[2])
if ARGV[3] ~= '' then redis.call('HDEL', KEYS[4], ARGV[3]) end
if KEYS[5] then redis.call('LPUSH', KEYS[5], ARGV[4]) end
return 1
)";

constexpr const char* kGiveBack = R"(
local length, list = take_off(ARGV[2], is_mine)
if not length then return 0 end
if ARGV[3] ~= '' and redis.call('HINCRBY', KEYS[4], ARGV[3], -1) <= 0 then
  redis.call('HDEL', KEYS[4], ARGV[3])
end
return put_back(ARGV[2], length, list)
)";

// They count as tries: what made the worker drop one may do so again.
constexpr const char* kGiveBackUnheld = R"(
local held = {}
for i = 2, #ARGV do held[ARGV[i]] = true end
local given = 0
local claims = redis.call('HGETALL', KEYS[3])
for i = 1, #claims, 2 do
  local tag = claims[i]
  local length, list
  if not held[tag] then length, list = take_off(tag, is_mine) end
  if length then given = given + put_back(tag, length, list) end
end
return given
)";

constexpr const char* kRenew = R"(
local time = redis.call('TIME')
local lost = {}
for i = 2, #ARGV do
  local claim = redis.call('HGET', KEYS[2], ARGV[i])
  if claim and claim:match('^[^\n]*') ~= ARGV[1] then
    lost[#lost + 1] = ARGV[i]
  else
    redis.call('ZADD', KEYS[1], 'XX', time[1], ARGV[i])
  end
end
return lost
)";

constexpr const char* kRestore = R"(
local restored = 0
local claims = redis.call('HGETALL', KEYS[3])
local function is_gone(worker) return redis.call('EXISTS', ARGV[1] .. worker) == 0 end
for i = 1, #claims, 2 do
  local length, list = take_off(claims[i], is_gone)
  if length then restored = restored + put_back(claims[i], length, list) end
end
return restored
)";

// Whose claim of `tag` it is, and whether that worker lives. A row without a claim of ours is
// another program's.
constexpr const char* kHolder = R"(
local function holder(tag)
  local claim = redis.call('HGET', KEYS[3], tag)
  if not claim then
    if redis.call('HEXISTS', KEYS[1], tag) == 1 then return 'claimed', '' end
    return nil
  end
  local worker = claim:match('^[^\n]*')
  if redis.call('EXISTS', ARGV[1] .. worker) == 1 then return 'claimed', worker end
  return 'gone', worker
end
)";

constexpr const char* kWhere = R"(
local state, worker = holder(ARGV[2])
if state then return {state, worker} end
for i = 5, #KEYS do
  if redis.call('LPOS', KEYS[i], ARGV[3]) then return {'waiting'} end
end
return {'nowhere'}
)";

constexpr const char* kTakeAway = R"(
local state = holder(ARGV[2])
if state == 'claimed' then return 0 end
local taken = 0
if state == 'gone' then
  redis.call('HDEL', KEYS[1], ARGV[2])
  redis.call('ZREM', KEYS[2], ARGV[2])
  redis.call('HDEL', KEYS[3], ARGV[2])
  taken = 1
end
for i = 5, #KEYS do taken = taken + redis.call('LREM', KEYS[i], 1, ARGV[3]) end
redis.call('HDEL', KEYS[4], ARGV[4])
if taken > 0 then return 1 end
return 0
)";

}  // namespace

const redis::Script& ClaimScript() {
  static const redis::Script script{kClaim};
  return script;
}

const redis::Script& AcknowledgeScript() {
  static const redis::Script script{std::string(kTakeOff) + kAcknowledge};
  return script;
}

const redis::Script& GiveBackScript() {
  static const redis::Script script{std::string(kTakeOff) + kGiveBack};
  return script;
}

const redis::Script& GiveBackUnheldScript() {
  static const redis::Script script{std::string(kTakeOff) + kGiveBackUnheld};
  return script;
}

const redis::Script& RenewScript() {
  static const redis::Script script{kRenew};
  return script;
}

const redis::Script& WhereScript() {
  static const redis::Script script{std::string(kHolder) + kWhere};
  return script;
}

const redis::Script& TakeAwayScript() {
  static const redis::Script script{std::string(kHolder) + kTakeAway};
  return script;
}

const redis::Script& RestoreScript() {
  static const redis::Script script{std::string(kTakeOff) + kRestore};
  return script;
}

}  // namespace gpen::celery
