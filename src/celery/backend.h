// Backend: what clients see of a task: its state and result, kept in Redis for a while and told to
// those who wait. SUCCESS and REVOKED are never overwritten. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "celery/keys.h"
#include "celery/task.h"
#include "redis/client.h"

namespace gpen::celery {

/// What is to be stored. A plain value.
struct StoredState {
  std::string state;            ///< "SUCCESS", "PROGRESS"...
  std::string result = "null";  ///< JSON.
  std::string children = "[]";  ///< JSON.
};

/// What an earlier delivery of a task has left.
struct KnownState {
  std::string state;   ///< "PENDING" where there is nothing.
  std::string result;  ///< JSON.
};

/// The JSON of an exception, as results hold it.
std::string FormatFailure(const Failure& failure);

/// True where nothing follows: SUCCESS, FAILURE or REVOKED.
bool IsFinal(const std::string& state);

/// Errors of every operation: those of redis::Client.
class Backend {
 public:
  /// `client` and `clock` must outlive this. Results are kept for `expires`; 0: for ever.
  Backend(redis::Client* client, const Clock* clock, Keys keys, Milliseconds expires);

  /// Does nothing where the task wants no result. False where a final state stays as it is.
  Result<bool> Store(const Task& task, const StoredState& state);
  /// As revoked, where nobody has begun it and nothing ended it; false otherwise.
  Result<bool> RevokeUnlessBegun(const std::string& id, const Failure& failure);

  Result<KnownState> Find(const std::string& id);

  /// Notes a part of a chord: its outcome. The parts in their order, as JSON arrays
  /// [1, id, state, result], if this was the last one.
  Result<std::optional<std::vector<std::string>>> AddToChord(const Task& part,
                                                             const std::string& state,
                                                             const std::string& result);

 private:
  std::string Format(const Task& task, const StoredState& state) const;

  redis::Client* client_;
  const Clock* clock_;
  const Keys keys_;
  const std::int64_t expires_seconds_;
};

}  // namespace gpen::celery
