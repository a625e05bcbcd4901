// Keys: what everything is called in Redis: as kombu and Celery call it, and a few keys of our own.
//
// A plain value. Celery's options that change these names are members here.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace gpen::celery {

struct Keys {
  std::string prefix = {};             ///< kombu's global_keyprefix.
  std::string separator = "\x06\x16";  ///< kombu's sep.
  std::vector<int> priority_steps = {0, 3, 6, 9};
  std::string result_prefix = {};  ///< Before result keys; ends as Celery makes it end.
  int database = 0;                ///< Of the broker: a part of the channels' names.

  /// The list for priority `step` of a queue.
  std::string List(const std::string& queue, int step) const {
    return prefix + queue +
           (step == priority_steps.front() ? "" : separator + std::to_string(step));
  }
  /// The step of a priority: the largest that is not above it.
  int StepOf(int priority) const;

  std::string unacked() const { return prefix + "unacked"; }
  std::string unacked_index() const { return prefix + "unacked_index"; }
  std::string Binding(const std::string& exchange) const {
    return prefix + "_kombu.binding." + exchange;
  }
  /// A member of a binding.
  std::string Bound(const std::string& routing_key, const std::string& pattern,
                    const std::string& queue) const {
    return routing_key + separator + pattern + separator + queue;
  }
  std::string Channel(const std::string& exchange, const std::string& routing_key = {}) const {
    return prefix + "/" + std::to_string(database) + "." + exchange +
           (routing_key.empty() ? "" : "/" + routing_key);
  }

  std::string Result(const std::string& id) const {
    return result_prefix + "celery-task-meta-" + id;
  }
  /// `part`: ".j", ".s" or ".t".
  std::string Group(const std::string& id, const std::string& part) const {
    return result_prefix + "celery-taskset-meta-" + id + part;
  }

  // Ours.
  std::string claims() const { return prefix + "gpen:claims"; }      ///< Tag to its worker.
  std::string attempts() const { return prefix + "gpen:attempts"; }  ///< Task id to a number.
  std::string broken() const { return prefix + "gpen:broken"; }      ///< What was no message.
  /// There while the worker lives.
  std::string Worker(const std::string& incarnation) const {
    return prefix + "gpen:worker:" + incarnation;
  }
};

/// Celery's result_backend_transport_options["global_keyprefix"] as it begins keys: with "_" unless
/// it ends in one of ":_-.".
std::string ResultPrefixOf(const std::string& chosen);

/// "0,3,6,9". Errors: kInvalidArgument (not ascending from 0).
Result<std::vector<int>> ParsePrioritySteps(const std::string& text);

}  // namespace gpen::celery
