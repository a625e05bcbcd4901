#include "photos/photo_models.h"

#include <utility>

namespace gpen::photos {

Result<ModelChecksums> PhotoModels::For(const restore::PhotoOptions& options) const {
  if (!options.model || *options.model == source_.usual) return usual_;
  auto faces = restore::FacesFingerprint(source_.folder, *options.model, source_.precision_record);
  if (!faces) return std::move(faces).error().WithContext("option model");
  auto checksums = usual_;
  checksums.faces = *std::move(faces);
  return checksums;
}

Result<void> PhotoModels::Check(const restore::PhotoOptions& options) const {
  GPEN_TRY(For(options));
  return {};
}

std::map<std::string, ModelChecksums> PhotoModels::All() const {
  std::map<std::string, ModelChecksums> all;
  for (auto& name : restore::ModelNames(source_.folder)) {
    restore::PhotoOptions options;
    options.model = name;
    if (auto checksums = For(options)) all.emplace(std::move(name), *std::move(checksums));
  }
  return all;
}

}  // namespace gpen::photos
