// PhotoTones: what becomes of the light and colours of a whole photo, without a network.
#pragma once

#include <optional>
#include <stop_token>

#include "base/result.h"
#include "codec/photo.h"
#include "restore/fading.h"
#include "restore/lightening.h"
#include "restore/restore_options.h"

namespace gpen::restore {

struct PhotoTones {
  std::optional<MendedFading> fading;  ///< Where it was looked for.
  std::optional<Lightened> light;      ///< Where darkness was looked for.

  /// Whether some pixel of the photo may be another one now.
  bool changed() const { return (fading && fading->changed) || (light && light->gain > 1); }
};

/// Mends fading, then lightens, each where `options` want it. Errors: those of MendFading().
Result<PhotoTones> ChangeTones(const RestoreOptions& options, int threads, std::stop_token stop,
                               codec::Photo* photo);

}  // namespace gpen::restore
