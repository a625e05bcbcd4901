#include "test_restorer.h"

#include <stdexcept>

#include "base/source_folder.h"

namespace gpen {

std::unique_ptr<restore::PhotoRestorer> LoadRestorer() {
  restore::RestorerOptions options;
  options.models_folder = SourceFolder() / "models";
  options.threads = 2;
  auto restorer = restore::PhotoRestorer::Create(options);
  if (!restorer) throw std::runtime_error(restorer.error().message());
  return *std::move(restorer);
}

}  // namespace gpen
