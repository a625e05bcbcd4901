// Broker: the queue in Redis, claimed and acknowledged so that kombu's workers and ours can share
// it, and so that a message is at every moment in a list or in `unacked`.
//
// Claims are noted as kombu does, and beside that in a hash of ours (delivery tag to worker), so
// that those of a worker that is gone come back within a minute. kombu's `unacked_mutex` is not
// needed: each step is one script, and kombu's own steps watch `unacked`. Thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "celery/keys.h"
#include "redis/client.h"

namespace gpen::celery {

/// A message that is ours until it is acknowledged or given back.
struct Delivery {
  std::string tag;
  std::string message;  ///< Empty where it was too large to be fetched: see bytes.
  std::int64_t bytes = 0;
  std::string task_id;  ///< Empty where it has none in its headers.
  int attempt = 1;      ///< How often the task was claimed, by this claim too.
};

/// A message of ours in the queue, as it was handed in.
struct Posted {
  std::string tag;
  std::string message;
  std::string task_id;
};

/// Where a message is.
struct Whereabouts {
  enum class Place : std::uint8_t {
    kWaiting,  ///< In a list.
    kClaimed,  ///< A worker has it.
    kGone,     ///< A worker had it that is gone.
    kNowhere,  ///< Acknowledged, retried, or lost with the server's memory.
  };
  Place place = Place::kNowhere;
  std::string incarnation = {};  ///< Of that worker; empty where it is another program's.
};

struct Claimed {
  std::optional<Delivery> delivery;
  /// What lay in the queue was no message at all; it was put aside.
  bool was_broken = false;
};

/// Errors of every operation: those of redis::Client.
class Broker {
 public:
  /// `incarnation` is unique to this run of this worker, which is believed to live for `lifetime`
  /// after each sign of it. `client` must outlive this.
  Broker(redis::Client* client, Keys keys, std::string queue, std::string incarnation,
         Milliseconds lifetime = Milliseconds(60'000));

  const Keys& keys() const { return keys_; }
  const std::string& queue() const { return queue_; }

  /// Makes the queue known to kombu.
  Result<void> Declare();

  /// Takes the next message whose priority is at most `lowest`. None: nothing to do.
  Result<Claimed> Claim(int lowest);

  /// The message is done with. False where the claim was lost meanwhile.
  Result<bool> Acknowledge(const Delivery& delivery);
  /// Acknowledges, and hands `message` in for the same queue, in one step.
  Result<bool> Replace(const Delivery& delivery, const std::string& message, int priority);
  /// Puts the message back to where it was taken, in front; as if it had not been claimed.
  Result<bool> GiveBack(const Delivery& delivery);

  /// Gives back all that this worker has claimed but `tags`: claims of which it was never told,
  /// since the answer was lost with the connection, and such as it dropped. Each counts as an
  /// attempt. Their number. Not while Claim() runs.
  Result<std::int64_t> GiveBackUnheld(std::span<const std::string> tags);

  /// Says that this worker lives, and that it still works on `tags`. Returns those that somebody
  /// else has now.
  Result<std::vector<std::string>> Renew(std::span<const std::string> tags);
  /// Puts back what workers held that are gone; their number.
  Result<std::int64_t> RestoreOfTheGone();
  /// This worker, or `incarnation`, is gone.
  Result<void> SayGone(const std::string& incarnation);

  /// Hands a message in. Errors: also kNotFound (an exchange to which no queue is bound).
  Result<void> Publish(const std::string& exchange, const std::string& routing_key,
                       const std::string& queue, const std::string& message, int priority);

  /// Where a message for this queue is.
  Result<Whereabouts> Locate(const Posted& posted);
  /// Takes it away, unless a worker that lives has it: false.
  Result<bool> TakeAway(const Posted& posted);

  /// How many messages wait.
  Result<std::int64_t> Length();
  /// How many of this server's messages workers of ours have.
  Result<std::int64_t> CountClaims();

 private:
  Result<std::vector<std::string>> QueuesOf(const std::string& exchange,
                                            const std::string& routing_key);
  std::vector<std::string> ClaimKeys() const;
  std::vector<std::string> ClaimKeysAndLists() const;

  redis::Client* client_;
  const Keys keys_;
  const std::string queue_;
  const std::string incarnation_;
  const Milliseconds lifetime_;
};

}  // namespace gpen::celery
