#include "celery/workflow.h"

#include <fmt/format.h>

#include <algorithm>

#include "celery/iso_time.h"
#include "celery/json.h"
#include "celery/message.h"
#include "celery/task_id.h"

namespace gpen::celery {
namespace {

std::string TextOrNothing(const Json& json) {
  return json.is_null() || json.empty() ? std::string() : Dump(json);
}

// Links of a signature are one signature or a list of them.
std::string ListOf(const Json& links) {
  if (links.is_null() || links.empty()) return "";
  return Dump(links.is_array() ? links : Json::array({links}));
}

// Where a signature says that it goes.
struct Route {
  std::string exchange;
  std::string routing_key;
  std::string queue;
  int priority = 0;
};

Route RouteOf(const Json& options) {
  Route route;
  route.queue = TextOf(options, "queue");
  route.exchange = TextOf(options, "exchange");
  route.routing_key = TextOf(options, "routing_key");
  const Json& priority = MemberOf(options, "priority");
  if (priority.is_number_integer()) {
    route.priority =
        static_cast<int>(std::clamp<std::int64_t>(priority.get<std::int64_t>(), 0, 255));
  }
  return route;
}

// What the signature asks for, as a task.
Result<Task> TaskOf(const Json& signature, const Json& argument, const Task& parent) {
  Task task;
  task.name = TextOf(signature, "task");
  if (task.name.empty()) {
    return Error(ErrorCode::kInvalidArgument, "expected a signature with a task");
  }
  if (task.name == "celery.group" || task.name == "celery.chord" || task.name == "celery.chain") {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("expected a plain task to follow {}, found a nested {}: send it from a "
                    "task of your own",
                    parent.name, task.name));
  }
  const Json& options = MemberOf(signature, "options");
  task.id = TextOf(options, "task_id");
  if (task.id.empty()) task.id = NewTaskId();
  Json args = MemberOf(signature, "args");
  if (!args.is_array()) args = Json::array();
  if (MemberOf(signature, "immutable") != true) args.insert(args.begin(), argument);
  task.args = Dump(args);
  const Json& kwargs = MemberOf(signature, "kwargs");
  if (kwargs.is_object()) task.kwargs = Dump(kwargs);
  task.callbacks = ListOf(MemberOf(options, "link"));
  task.errbacks = ListOf(MemberOf(options, "link_error"));
  task.chain = TextOrNothing(MemberOf(options, "chain"));
  task.chord = TextOrNothing(MemberOf(options, "chord"));
  task.group = TextOf(options, "group_id");
  if (const Json& index = MemberOf(options, "group_index"); index.is_number_integer()) {
    task.group_index = index.get<std::int64_t>();
  }
  task.eta = ParseIsoTime(TextOf(options, "eta"));
  task.expires = ParseIsoTime(TextOf(options, "expires"));
  task.ignore_result = MemberOf(options, "ignore_result") == true;
  task.root_id = parent.root_id.empty() ? parent.id : parent.root_id;
  task.parent_id = parent.id;
  return task;
}

}  // namespace

Result<std::string> Workflow::Send(const std::string& signature, const std::string& argument,
                                   const std::string& rest_of_chain, const Task& parent) {
  GPEN_ASSIGN_OR_RETURN(const Json json, ParseJson(signature));
  GPEN_ASSIGN_OR_RETURN(const Json first, ParseJson(argument));
  GPEN_ASSIGN_OR_RETURN(Task task, TaskOf(json, first, parent));
  if (!rest_of_chain.empty()) task.chain = rest_of_chain;
  Route route = RouteOf(MemberOf(json, "options"));
  if (route.queue.empty() && route.routing_key.empty()) {
    route.queue = options_.is_ours(task.name) ? broker_->queue() : options_.default_queue;
  }
  auto message = MessageFor(task, options_.sender);
  message.exchange = route.exchange;
  message.routing_key = route.queue.empty() ? route.routing_key : route.queue;
  message.priority = route.priority;
  GPEN_TRY(broker_->Publish(route.exchange, route.routing_key, route.queue, WriteMessage(message),
                            route.priority));
  return task.id;
}

Result<std::string> Workflow::SendFollowers(const Task& task, const std::string& result) {
  Json children = Json::array();
  const auto note = [&](const std::string& id) {
    children.push_back(Json::array({Json::array({id, nullptr}), nullptr}));
  };
  if (!task.callbacks.empty()) {
    GPEN_ASSIGN_OR_RETURN(const Json callbacks, ParseJson(task.callbacks));
    for (const auto& callback : callbacks) {
      GPEN_ASSIGN_OR_RETURN(const auto id, Send(Dump(callback), result, "", task));
      note(id);
    }
  }
  if (!task.chain.empty()) {
    GPEN_ASSIGN_OR_RETURN(Json chain, ParseJson(task.chain));
    if (!chain.is_array() || chain.empty()) {
      return Error(ErrorCode::kInvalidArgument, "expected a chain as a list of signatures");
    }
    const Json next = std::move(chain.back());
    chain.erase(chain.size() - 1);
    GPEN_ASSIGN_OR_RETURN(const auto id, Send(Dump(next), result, TextOrNothing(chain), task));
    note(id);
  }
  return Dump(children);
}

Result<void> Workflow::SendErrbacks(const Task& task) {
  if (task.errbacks.empty()) return {};
  GPEN_ASSIGN_OR_RETURN(const Json errbacks, ParseJson(task.errbacks));
  for (const auto& errback : errbacks) {
    GPEN_TRY(Send(Dump(errback), Dump(Json(task.id)), "", task));
  }
  return {};
}

Result<void> Workflow::FailFollowers(const Task& task, const std::string& result) {
  if (task.chain.empty()) return {};
  GPEN_ASSIGN_OR_RETURN(const Json chain, ParseJson(task.chain));
  for (const auto& signature : chain) {
    const auto follower = TaskOf(signature, Json(), task);
    // One without an id is nobody's to wait for.
    if (!follower || TextOf(MemberOf(signature, "options"), "task_id").empty()) continue;
    GPEN_TRY(backend_->Store(*follower, {.state = "FAILURE", .result = result}));
    GPEN_TRY(EndPart(*follower, "FAILURE", result));
  }
  return {};
}

Result<void> Workflow::EndPart(const Task& task, const std::string& state,
                               const std::string& result) {
  if (task.chord.empty() || task.group.empty()) return {};
  GPEN_ASSIGN_OR_RETURN(const auto parts, backend_->AddToChord(task, state, result));
  if (!parts) return {};
  Json results = Json::array();
  for (const auto& text : *parts) {
    GPEN_ASSIGN_OR_RETURN(const Json part, ParseJson(text));
    if (!part.is_array() || part.size() != 4 || part[2] != "SUCCESS") {
      const Json& id = part.is_array() && part.size() == 4 ? part[1] : part;
      const Json& problem = part.is_array() && part.size() == 4 ? part[3] : part;
      return FailChord(
          task.chord, task,
          fmt::format("Dependency {} raised {}", id.is_string() ? id.get<std::string>() : Dump(id),
                      Dump(problem)));
    }
    results.push_back(part[3]);
  }
  GPEN_TRY(Send(task.chord, Dump(results), "", task));
  return {};
}

// Whoever waits for the chord's end hears that it will not come.
Result<void> Workflow::FailChord(const std::string& body, const Task& part,
                                 const std::string& problem) {
  GPEN_ASSIGN_OR_RETURN(const Json signature, ParseJson(body));
  GPEN_ASSIGN_OR_RETURN(Task ending, TaskOf(signature, Json(), part));
  GPEN_TRY(backend_->Store(
      ending, {.state = "FAILURE",
               .result = FormatFailure({.type = "ChordError", .messages = {problem}})}));
  return SendErrbacks(ending);
}

}  // namespace gpen::celery
