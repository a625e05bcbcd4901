// The steps of the broker as Lua scripts, each of which Redis runs as one. Their keys begin with
// unacked, unacked_index, claims and attempts; their first argument is the worker.
#pragma once

#include "redis/client.h"

namespace gpen::celery {

/// KEYS: also broken, the worker's, then the lists in order. ARGV: worker, a new tag, most bytes,
/// its queue, how long it is believed to live.
/// Returns {list, tag, message, task id, attempt, bytes}, or nothing. An empty tag: it was broken.
const redis::Script& ClaimScript();

/// ARGV: worker, tag, task id. With a fifth key and a fourth argument, the argument is put into
/// that list. Returns 1, or 0 where the claim was lost.
const redis::Script& AcknowledgeScript();

/// ARGV: worker, tag, task id. Returns 1, or 0 where the claim was lost.
const redis::Script& GiveBackScript();

/// ARGV: worker, the tags that it has. Returns how many messages were put back.
const redis::Script& GiveBackUnheldScript();

/// KEYS: unacked_index, claims. ARGV: worker, tags. Returns the tags that another worker has.
const redis::Script& RenewScript();

/// KEYS: also the lists. ARGV: what the keys of workers begin with, tag, message. Returns where the
/// message is: {"waiting"}, {"claimed", worker}, {"gone", worker} or {"nowhere"}.
const redis::Script& WhereScript();

/// As WhereScript(), and a fourth argument, the task id. Takes the message away, unless a worker
/// that lives has it. Returns 1 where it took it.
const redis::Script& TakeAwayScript();

/// ARGV: what the keys of workers begin with. Returns how many messages were put back.
const redis::Script& RestoreScript();

}  // namespace gpen::celery
