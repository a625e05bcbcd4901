// The messages of Celery's protocol 2 (and 1) as kombu puts them into Redis: an envelope of JSON
// with a body in it. What comes in may be anything; headers are all optional but the task's name.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "celery/task.h"

namespace gpen::celery {

/// Never fails: what cannot be read is a refusal. Pickle and unknown compressions are never
/// decoded.
ReadTask ReadMessage(std::string_view message);

struct NewMessage {
  std::string headers;  ///< A JSON object.
  std::string body;     ///< JSON.
  std::string exchange = {};
  std::string routing_key = {};
  std::string reply_to = {};
  std::string correlation_id = {};
  int priority = 0;
  std::string delivery_tag = {};  ///< Empty: a new one.
};

/// An envelope.
std::string WriteMessage(const NewMessage& message);

/// The headers and the body of a task to be sent, see WriteMessage(). Only what is set is written.
NewMessage MessageFor(const Task& task, const std::string& sender);

/// `message` once more, as its `retries`-th repetition, not before `eta`, with a new delivery tag.
/// It has been read before.
std::string RetryOf(std::string_view message, int retries, Timestamp eta);

/// The decoded body of an envelope, as control messages have it; empty where it cannot be read.
std::string BodyOf(std::string_view message);

}  // namespace gpen::celery
