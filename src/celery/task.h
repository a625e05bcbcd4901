// Task: what a message asks a worker to do, and Failure: how that can end badly. Plain values;
// arguments are texts of JSON, which only their user reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace gpen::celery {

struct Task {
  std::string id = {};
  std::string name = {};        ///< "gpen.restore".
  std::string args = "[]";      ///< A JSON array.
  std::string kwargs = "{}";    ///< A JSON object.
  std::string args_shown = {};  ///< Both for people, as the sender wrote them.
  std::string kwargs_shown = {};

  // Signatures and lists of them, JSON; empty where there is none.
  std::string callbacks = {};  ///< To be sent after success, with the result.
  std::string errbacks = {};   ///< To be sent after failure, with this task's id.
  std::string chain = {};      ///< What follows, reversed: the next one is the last.
  std::string chord = {};      ///< To be sent when all of the group are done.

  std::optional<Timestamp> eta = {};      ///< Not before.
  std::optional<Timestamp> expires = {};  ///< Not after.
  int retries = 0;                        ///< How often it was sent again after a failure.
  std::optional<double> hard_limit = {};  ///< Seconds of work.
  std::optional<double> soft_limit = {};

  std::string root_id = {};
  std::string parent_id = {};
  std::string group = {};
  std::optional<std::int64_t> group_index = {};
  bool ignore_result = false;
  int priority = 0;          ///< 0 is the most urgent.
  bool redelivered = false;  ///< Somebody claimed it before and did not acknowledge.
  std::string origin = {};
};

/// An exception as Python's clients raise it: exc_module.exc_type(*messages).
struct Failure {
  std::string type = {};
  std::string module = "celery.exceptions";
  std::vector<std::string> messages = {};
};

/// What came of reading a message: a task, or why it cannot be one. The task's id is set where it
/// could be read, so that whoever waits for it hears of the refusal.
struct ReadTask {
  Task task;
  std::optional<Failure> refusal = {};
};

}  // namespace gpen::celery
