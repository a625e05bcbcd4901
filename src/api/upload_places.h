// UploadPlaces: how many uploads may run at the same time, whose they are, and how many bytes may
// wait. Thread-safe.
//
// Photos that arrive and photos that wait in the queue count together, so that nobody fills the
// disk with photos faster than they are restored.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "http/fair_shares.h"

namespace gpen::api {

class UploadPlaces {
 public:
  /// Bytes of one upload that have arrived and are no job yet. Movable; belongs to one thread at a
  /// time.
  class Arriving {
   public:
    explicit Arriving(UploadPlaces* places) : places_(places) {}
    Arriving(Arriving&& other) noexcept
        : places_(other.places_), bytes_(std::exchange(other.bytes_, 0)) {}
    Arriving& operator=(Arriving&&) = delete;
    ~Arriving() { places_->arriving_ -= bytes_; }

    /// Errors: kQueueFull (no room for more now), those of the queue.
    Result<void> Add(std::int64_t bytes);
    /// They are a job's now, or gone.
    void Clear() { places_->arriving_ -= std::exchange(bytes_, 0); }

   private:
    UploadPlaces* places_;
    std::int64_t bytes_ = 0;
  };

  /// `most`: uploads at the same time. `most_bytes` that wait, of which `waiting_bytes` says how
  /// many lie in the queue; 0: no limit.
  UploadPlaces(int most, std::int64_t most_bytes,
               std::function<Result<std::int64_t>()> waiting_bytes);

  /// A place for an upload of the client at `address`. Errors: kQueueFull.
  Result<http::FairShares::Place> Take(const std::string& address);
  int taken() const { return places_.taken(); }

  /// Whether `bytes` more may come. Errors: as Arriving::Add().
  Result<void> CheckRoom(std::int64_t bytes);

 private:
  const int most_;
  const std::int64_t most_bytes_;
  const std::function<Result<std::int64_t>()> waiting_bytes_;
  http::FairShares places_;
  std::atomic<std::int64_t> arriving_ = 0;
  std::mutex mutex_;  // Guards the two below: pieces are many, and the queue is asked rarely.
  std::int64_t waiting_ = 0;
  std::optional<std::chrono::steady_clock::time_point> asked_;
};

}  // namespace gpen::api
