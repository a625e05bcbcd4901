// PhotoRepair: finds and fills the damage of a photo, fine and wide, and fills what a person has
// drawn.
//
// The network looks at the photo as it is, then, if that is large, at what came of it reduced to a
// half and a quarter, where wide damage is as narrow as what the network knows. All that is found
// is filled from the photo's own pixels about it. The network is loaded when it is first asked for.
// Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "image/image.h"
#include "restore/repair_network.h"
#include "restore/restore_options.h"

namespace gpen::restore {

/// What became of a photo.
struct Repaired {
  Image photo;  ///< Of the photo's kind and size.
  /// kU8, one channel, of its size: how much of each pixel was replaced, of 255. Where it is 0 the
  /// pixel is as it was.
  Image mask;
};

class PhotoRepair {
 public:
  PhotoRepair(std::filesystem::path models_folder, int threads);
  PhotoRepair(PhotoRepair&&) noexcept;
  PhotoRepair& operator=(PhotoRepair&&) noexcept;
  ~PhotoRepair();

  /// Errors: those of nn::LoadManifest and RepairNetwork::Load.
  Result<const RepairNetwork*> Network() const;

  /// `photo`: kU8 or kU16, 1 to 4 channels. Of `options`: repair (LeastSureness()), damage and
  /// undamaged, which wins. The network is asked only where repair is above 0. Errors: kCancelled
  /// and those of Network(). Lack of memory is std::bad_alloc.
  Result<Repaired> Repair(ImageView photo, const RestoreOptions& options, std::stop_token stop = {},
                          const PhotoProgress& progress = {}) const;

 private:
  Result<Repaired> RepairFound(ImageView photo, const RestoreOptions& options, std::stop_token stop,
                               const PhotoProgress& progress) const;

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gpen::restore
