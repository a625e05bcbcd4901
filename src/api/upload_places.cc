#include "api/upload_places.h"

#include <fmt/format.h>

#include <utility>

namespace gpen::api {
namespace {

constexpr std::chrono::seconds kAskAgain{1};

}  // namespace

UploadPlaces::UploadPlaces(int most, std::int64_t most_bytes,
                           std::function<Result<std::int64_t>()> waiting_bytes)
    : most_(most),
      most_bytes_(most_bytes),
      waiting_bytes_(std::move(waiting_bytes)),
      places_(most) {}

Result<http::FairShares::Place> UploadPlaces::Take(const std::string& address) {
  if (auto place = places_.Take(address)) return *std::move(place);
  return Error(ErrorCode::kQueueFull,
               fmt::format("too many uploads at the same time, of {} in all: try again in a few "
                           "seconds",
                           most_));
}

Result<void> UploadPlaces::CheckRoom(std::int64_t bytes) {
  if (most_bytes_ == 0) return {};
  std::int64_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (!asked_ || now - *asked_ >= kAskAgain) {
      GPEN_ASSIGN_OR_RETURN(waiting_, waiting_bytes_());
      asked_ = now;
    }
    waiting = waiting_;
  }
  if (waiting + arriving_ + bytes <= most_bytes_) return {};
  return Error(ErrorCode::kQueueFull,
               fmt::format("the photos that wait take {} of {} MB: try again when some are done",
                           waiting >> 20, most_bytes_ >> 20));
}

Result<void> UploadPlaces::Arriving::Add(std::int64_t bytes) {
  GPEN_TRY(places_->CheckRoom(bytes));
  places_->arriving_ += bytes;
  bytes_ += bytes;
  return {};
}

}  // namespace gpen::api
