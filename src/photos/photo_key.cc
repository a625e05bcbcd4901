#include "photos/photo_key.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/sha256.h"

namespace gpen::photos {

std::string KeyOf(std::string_view photo_sha256, const restore::PhotoOptions& options,
                  std::string_view model_sha256) {
  return Sha256(AsBytes(
      fmt::format("{}\n{}\n{}", photo_sha256, restore::CanonicalJson(options), model_sha256)));
}

std::string ResultBase(const jobs::Job& job) { return job.key.substr(0, 32); }

std::string FacesName(const jobs::Job& job) { return ResultBase(job) + ".faces"; }

}  // namespace gpen::photos
