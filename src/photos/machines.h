// Machines: the other machines that restore photos of this queue, as whoever runs a job and whoever
// shows it sees them.
//
// Implementations are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job_context.h"
#include "restore/photo_options.h"
#include "restore/photo_work.h"

namespace gpen::photos {

/// A machine that answers now. Plain values.
struct Machine {
  std::string name;         ///< "gpen@pc".
  int slots = 0;            ///< Photos that it does at the same time.
  int running = 0;          ///< Photos that it does now, those of others too.
  std::string held_reason;  ///< Why it takes none of ours now; empty where it does.
};

/// What became of the photos that were handed out to a machine, since the start.
struct HandoutCounts {
  std::int64_t done = 0;
  std::int64_t failed = 0;      ///< The photo was at fault.
  std::int64_t given_back = 0;  ///< The machine was: the job went back to the queue.
};

struct MachinesView {
  std::vector<Machine> machines;
  std::string problem;  ///< Why nothing is handed out though machines may be there; or empty.
  int handed_out = 0;   ///< Photos that are on their way or being done.
  std::map<std::string, HandoutCounts> counts;  ///< By machine; "" where none had taken it yet.
  // Of the queue that machines share; nothing while it cannot be asked.
  std::optional<std::int64_t> waiting;
  std::optional<std::int64_t> claimed;
};

class Machines {
 public:
  virtual ~Machines() = default;

  /// Lets one of them restore the photo of the job that `context` runs, and waits for it. Errors:
  /// what is wrong with the photo; kCancelled with a stop of `context` where the job was cancelled
  /// or is to go back to the queue, because no machine did it.
  virtual Result<restore::RestoredFiles> Restore(const std::string& name,
                                                 std::span<const std::byte> file,
                                                 const restore::PhotoOptions& options,
                                                 jobs::JobContext& context) = 0;

  /// The machine that works on the job now; empty where none does.
  virtual std::string WorkingOn(jobs::JobId job) const = 0;

  /// Waits for nothing.
  virtual MachinesView View() const = 0;
};

}  // namespace gpen::photos
