// Handouts: photos of this service's queue that other machines restore: workers of ours, at a queue
// of Celery that both know.
//
// A job that is handed out stays a running job of the local queue, so that cancelling, pausing and
// joining equal photos mean what they mean everywhere. Each handout is a task of its own: what
// comes back for one that was given up is not looked at, so that a job has one result whatever
// machines do. Whatever goes wrong with a machine or the line costs time alone: the job goes back
// to the queue, where this machine takes it too. Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "celery/producer.h"
#include "celery/roster.h"
#include "jobs/worker_pool.h"
#include "photos/machines.h"
#include "photos/photo_models.h"
#include "remote/exchange.h"

namespace gpen::remote {

/// How long is waited for what. Tests shorten it.
struct HandoutPatience {
  Milliseconds poll{500};
  Milliseconds locate{2'000};           ///< How often it is asked where a message is.
  Milliseconds unclaimed{10'000};       ///< For a machine to take the photo.
  Milliseconds broker{90'000};          ///< For a server that does not answer.
  Milliseconds first_pause{10'000};     ///< Nothing is handed out after a failure; doubles...
  Milliseconds longest_pause{300'000};  ///< ...up to this, until something succeeds.
};

/// All must outlive Handouts.
struct HandoutParts {
  celery::Producer* producer;
  celery::Roster* roster;
  Exchange* exchange;
  const Clock* clock;
  const photos::PhotoModels* models;
  std::int64_t most_parcel_bytes;
  std::function<void(const std::string&)> log;
  HandoutPatience patience = {};
};

class Handouts : public photos::Machines {
 public:
  explicit Handouts(const HandoutParts& parts);
  /// Whoever runs jobs with it has ended.
  ~Handouts() override = default;

  /// Begins to listen for workers, and calls `changed` when more or less can be handed out.
  void Start(std::function<void()> changed);
  /// Ends listening; nobody is called any more by then.
  void Stop() { listener_ = {}; }

  /// What the machines take now.
  jobs::Admission Admit() const;

  Result<restore::RestoredFiles> Restore(const std::string& name, std::span<const std::byte> file,
                                         const restore::PhotoOptions& options,
                                         jobs::JobContext& context) override;
  std::string WorkingOn(jobs::JobId job) const override;
  photos::MachinesView View() const override;

 private:
  /// One photo on its way.
  struct Handout {
    jobs::JobId job = 0;
    celery::Posted posted = {};
    std::string machine = {};  ///< Who has it; empty while nobody does.
  };
  /// Why a handout was given up.
  struct GivenUp {
    std::string why;
    bool is_of_the_photo = false;  ///< It is not handed out again.
    bool pauses = false;           ///< Others would fare no better now.
  };
  /// What a handout came to: what the machine made, what is wrong with the photo, or neither.
  struct Outcome {
    std::optional<restore::RestoredFiles> files = {};
    std::optional<Error> error = {};
    GivenUp given_up = {};
  };

  std::string WhyNot(const celery::SeenWorker& worker) const;
  bool AllHave(const std::string& model, const std::string& fingerprint) const;
  void Listen(const std::stop_token& stop);
  void CountQueue();
  Outcome HandOut(const std::string& name, std::span<const std::byte> file,
                  const restore::PhotoOptions& options, Handout handout, jobs::JobContext& context);
  /// The task's last state; nothing where it was given up, as `given_up` says.
  std::optional<celery::KnownState> Follow(Handout handout, jobs::JobContext& context,
                                           GivenUp* given_up);
  Outcome Collect(const std::string& task, const std::string& name);
  Outcome Judge(const celery::KnownState& ended, bool asks_for_model) const;
  void Note(const Handout& handout);
  void Settle(const std::string& task, const Outcome& outcome);
  void End(const std::string& task);

  const HandoutParts parts_;
  const std::string models_;
  mutable std::mutex mutex_;                   // Guards all below but the thread.
  std::map<std::string, Handout> handed_out_;  // By task.
  std::map<std::string, photos::HandoutCounts> counts_;
  std::deque<jobs::JobId> not_again_;
  std::deque<Milliseconds> ended_;  // Steady times of the last ends.
  std::string problem_;             // Of the line to the server.
  std::optional<celery::QueueLengths> lengths_;
  Milliseconds pause_{0};
  Milliseconds paused_until_{0};           // Steady time.
  std::function<void()> changed_ = [] {};  // Until Start().
  std::jthread listener_;                  // Last: it uses the rest.
};

}  // namespace gpen::remote
