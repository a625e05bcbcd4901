#include "restore/loaded_networks.h"

#include <algorithm>
#include <utility>

namespace gpen::restore {
namespace {

// As many as kAutoModel stands for: who asks for a third has measured anew what runs best.
constexpr std::size_t kMostStaying = 2;

// A model that was replaced since is another one.
bool Is(const std::shared_ptr<const FaceNetwork>& network, const nn::Manifest& manifest) {
  return network != nullptr && network->manifest().name == manifest.name &&
         network->manifest().sha256 == manifest.sha256;
}

}  // namespace

Result<std::shared_ptr<const FaceNetwork>> LoadedNetworks::Get(const nn::Manifest& manifest,
                                                               bool stays) {
  const std::scoped_lock lock(mutex_);
  const auto found =
      std::ranges::find_if(staying_, [&](const auto& network) { return Is(network, manifest); });
  if (found != staying_.end()) return *found;
  if (Is(other_, manifest)) {
    if (!stays) return other_;
    return staying_.emplace_back(std::move(other_));
  }
  // Before the new one takes memory.
  if (stays) {
    std::erase_if(staying_,
                  [&](const auto& network) { return network->manifest().name == manifest.name; });
    if (staying_.size() == kMostStaying) staying_.erase(staying_.begin());
  } else {
    other_.reset();
  }
  GPEN_ASSIGN_OR_RETURN(auto loaded, FaceNetwork::Load(models_folder_, manifest, threads_));
  auto network = std::make_shared<const FaceNetwork>(std::move(loaded));
  if (!stays) return other_ = std::move(network);
  return staying_.emplace_back(std::move(network));
}

std::vector<std::string> LoadedNetworks::Names() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& network : staying_) names.push_back(network->manifest().name);
  if (other_) names.push_back(other_->manifest().name);
  std::ranges::sort(names);
  return names;
}

}  // namespace gpen::restore
