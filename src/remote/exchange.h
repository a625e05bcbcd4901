// Exchange: how a photo that is handed out reaches the machine that does it, and how what it made
// comes back. Messages carry only the addresses of both.
//
// Implementations are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "remote/named_roots.h"
#include "remote/worker_about.h"

namespace gpen::remote {

/// What a task names as its input and its output.
struct ExchangeAddresses {
  std::string input;
  std::string output;
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  /// Why a worker cannot reach what is offered here; empty where it can.
  virtual std::string WhyNot(const WorkerAbout& worker) const = 0;

  /// Puts `photo` where it can be fetched for the task. Errors: kUnavailable, kNotFound (the place
  /// is not there).
  virtual Result<ExchangeAddresses> Offer(const std::string& task,
                                          std::span<const std::byte> photo) = 0;

  /// What was put there for the task. Errors: kNotFound, kImageTooLarge, kUnavailable.
  virtual Result<std::vector<std::byte>> Collect(const std::string& task,
                                                 std::int64_t most_bytes) = 0;

  /// Takes both away, and takes nothing for this task any more.
  virtual void Withdraw(const std::string& task) = 0;

  /// Removes what came late for tasks that are over. To be called from time to time.
  virtual void Tidy() {}
};

/// Through a folder that all machines mount: hidden, beneath a named root, and this service's own.
class RootExchange : public Exchange {
 public:
  /// `roots` must outlive this. `service` tells this service from others that use the root: a plain
  /// file name. What an earlier run left is removed.
  RootExchange(const NamedRoots* roots, std::string root, const std::string& service);

  std::string WhyNot(const WorkerAbout& worker) const override;
  Result<ExchangeAddresses> Offer(const std::string& task,
                                  std::span<const std::byte> photo) override;
  Result<std::vector<std::byte>> Collect(const std::string& task, std::int64_t most_bytes) override;
  void Withdraw(const std::string& task) override;
  void Tidy() override;

 private:
  RootedPath Photo(const std::string& task) const { return {root_, folder_ / (task + ".photo")}; }
  RootedPath Parcel(const std::string& task) const { return {root_, folder_ / (task + ".parcel")}; }

  const NamedRoots* roots_;
  const std::string root_;
  const std::filesystem::path folder_;
  std::mutex mutex_;  // Guards the one below.
  std::set<std::string> offered_;
};

}  // namespace gpen::remote
