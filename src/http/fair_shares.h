// FairShares: places that many take from, of which no holder can take all.
//
// The last eighth is kept for holders that have only a few, so that whoever takes as much as there
// is leaves something for everybody else. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace gpen::http {

class FairShares {
 public:
  /// One place, given back by its destructor. The shares must outlive it.
  class Place {
   public:
    Place(FairShares* shares, std::string holder) : shares_(shares), holder_(std::move(holder)) {}
    Place(Place&& other) noexcept
        : shares_(std::exchange(other.shares_, nullptr)), holder_(std::move(other.holder_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (shares_ != nullptr) shares_->Remove(holder_);
    }

   private:
    FairShares* shares_;
    std::string holder_;
  };

  explicit FairShares(int places) : places_(places) {}
  FairShares(const FairShares&) = delete;
  FairShares& operator=(const FairShares&) = delete;

  /// A place for `holder`; nothing where it has to wait.
  std::optional<Place> Take(const std::string& holder);

  bool HasRoomFor(const std::string& holder) const;
  int taken() const;

  /// Counts a place without asking, for what was admitted otherwise; each needs its Remove().
  void Add(const std::string& holder);
  void Remove(const std::string& holder);

 private:
  bool HasRoomHere(const std::string& holder) const;

  const int places_;
  mutable std::mutex mutex_;  // Guards the two below.
  int taken_ = 0;
  std::map<std::string, int> holders_;
};

}  // namespace gpen::http
