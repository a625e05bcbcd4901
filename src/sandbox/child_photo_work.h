// ChildPhotoWork: PhotoWork done in processes of its own, so that a photo that is damaged or made
// to do harm ends such a process, and nothing else. They live for many photos, and end when they
// were not needed for a while or have grown.
//
// A process may use the memory that is free when its work begins, and processor time by the pixels
// of the photo. Where it dies, the work is tried once more in a new one.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "restore/photo_restorer.h"
#include "restore/photo_work.h"
#include "sandbox/photo_process.h"

namespace gpen::sandbox {

struct ChildOptions {
  std::vector<std::string> command;  ///< Starts a process that calls RunPhotoChild().
  restore::RestorerOptions restorer;
  Milliseconds keep_idle{600'000};  ///< A process that nobody needed for so long ends.
};

class ChildPhotoWork : public restore::PhotoWork {
 public:
  /// Starts a first process, which loads the networks. Errors: kUnavailable, those of
  /// PhotoRestorer::Create.
  static Result<std::unique_ptr<ChildPhotoWork>> Start(const ChildOptions& options);
  ~ChildPhotoWork() override;
  ChildPhotoWork(const ChildPhotoWork&) = delete;
  ChildPhotoWork& operator=(const ChildPhotoWork&) = delete;

  const restore::WorkNetworks& networks() const { return ready_.networks; }
  /// What its processes are not shut out of on this kernel: see ShutIn().
  const std::vector<std::string>& left_open() const { return ready_.left_open; }

  Result<restore::RestoredFiles> Restore(const restore::RestoreWork& work, std::stop_token stop,
                                         const restore::Progress& progress) override;
  Result<restore::BlendedPhoto> Blend(const restore::BlendWork& work) override;
  Result<std::vector<std::byte>> Preview(std::span<const std::byte> file) override;
  Result<std::vector<std::byte>> ForBrowsers(std::span<const std::byte> file) override;

  /// Of the processes that wait for work now: for tests and metrics.
  std::vector<pid_t> idle_processes() const;

 private:
  struct Idle {
    PhotoProcess process;
    std::chrono::steady_clock::time_point since;
  };

  explicit ChildPhotoWork(ChildOptions options) : options_(std::move(options)) {}

  Result<PhotoProcess> Take(bool with_networks);
  void GiveBack(PhotoProcess process);
  void EndIdle(std::stop_token stop);
  Result<Message> Ask(const Outgoing& request, std::span<const std::byte> photo, bool with_networks,
                      const std::stop_token& stop, const restore::Progress& progress);

  const ChildOptions options_;
  Ready ready_;  ///< As the first process said.
  mutable std::mutex mutex_;
  std::vector<Idle> idle_;  ///< Guarded by mutex_.
  std::jthread cleaner_;    ///< Last: it uses the rest.
};

}  // namespace gpen::sandbox
