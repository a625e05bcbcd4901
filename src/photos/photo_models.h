// PhotoModels: what restores photos here: the networks of the service, and those that a photo asks
// for by its option `model`. Thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "photos/photo_key.h"
#include "restore/model_choice.h"
#include "restore/photo_options.h"

namespace gpen::photos {

/// Where the models lie that photos may ask for.
struct ModelSource {
  std::filesystem::path folder;
  std::string usual;  ///< The model of photos that ask for none.
  std::filesystem::path precision_record;
};

class PhotoModels {
 public:
  /// `usual`: of the networks that were loaded at the start.
  explicit PhotoModels(ModelChecksums usual, ModelSource source = {})
      : usual_(std::move(usual)), source_(std::move(source)) {}

  const ModelChecksums& usual() const { return usual_; }
  const std::string& usual_name() const { return source_.usual; }

  /// What a result with `options` depends on, by what is installed now. Errors: those of
  /// restore::FacesFingerprint.
  Result<ModelChecksums> For(const restore::PhotoOptions& options) const;

  /// That what `options` ask for is there. Errors: those of For().
  Result<void> Check(const restore::PhotoOptions& options) const;

  /// Of every model that a photo may ask for now, by name.
  std::map<std::string, ModelChecksums> All() const;

  std::vector<restore::ModelChoice> Choices() const {
    return restore::ModelChoices(source_.folder);
  }

 private:
  const ModelChecksums usual_;
  const ModelSource source_;
};

}  // namespace gpen::photos
