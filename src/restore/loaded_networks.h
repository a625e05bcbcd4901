// LoadedNetworks: the restoration networks that are in memory, so that photos may ask for different
// ones on a machine with little of it: those that stay, and one other, whichever was used last.
//
// Thread-safe. A network that is dropped lives on as long as somebody runs it.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "nn/manifest.h"
#include "restore/face_network.h"

namespace gpen::restore {

class LoadedNetworks {
 public:
  LoadedNetworks(std::filesystem::path models_folder, int threads)
      : models_folder_(std::move(models_folder)), threads_(threads) {}

  const std::filesystem::path& models_folder() const { return models_folder_; }

  /// The network of `manifest`, loaded where it is not. One that does not `stay` takes the place of
  /// the other. A failure is not kept: what failed for lack of memory may succeed for the next
  /// face. Errors: those of FaceNetwork::Load.
  Result<std::shared_ptr<const FaceNetwork>> Get(const nn::Manifest& manifest, bool stays);

  /// The names of those that are loaded now, sorted.
  std::vector<std::string> Names() const;

 private:
  const std::filesystem::path models_folder_;
  const int threads_;
  mutable std::mutex mutex_;  // Guards all below.
  std::vector<std::shared_ptr<const FaceNetwork>> staying_;
  std::shared_ptr<const FaceNetwork> other_;
};

}  // namespace gpen::restore
