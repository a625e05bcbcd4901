#include "http/fair_shares.h"

#include <algorithm>

namespace gpen::http {

bool FairShares::HasRoomHere(const std::string& holder) const {
  if (taken_ >= places_) return false;
  const int reserve = places_ / 8;
  if (taken_ < places_ - reserve) return true;
  const int few = std::max(2, reserve / 8);
  const auto found = holders_.find(holder);
  return found == holders_.end() || found->second < few;
}

std::optional<FairShares::Place> FairShares::Take(const std::string& holder) {
  const std::lock_guard lock(mutex_);
  if (!HasRoomHere(holder)) return std::nullopt;
  ++taken_;
  ++holders_[holder];
  return std::optional<Place>(std::in_place, this, holder);
}

bool FairShares::HasRoomFor(const std::string& holder) const {
  const std::lock_guard lock(mutex_);
  return HasRoomHere(holder);
}

int FairShares::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

void FairShares::Add(const std::string& holder) {
  const std::lock_guard lock(mutex_);
  ++taken_;
  ++holders_[holder];
}

void FairShares::Remove(const std::string& holder) {
  const std::lock_guard lock(mutex_);
  const auto found = holders_.find(holder);
  if (found == holders_.end()) return;
  --taken_;
  if (--found->second == 0) holders_.erase(found);
}

}  // namespace gpen::http
