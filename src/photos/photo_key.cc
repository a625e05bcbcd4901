#include "photos/photo_key.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/sha256.h"

namespace gpen::photos {
namespace {

// Of what the same networks make of the same photo: to be raised where that changes visibly.
constexpr int kRevision = 3;

}  // namespace

std::string KeyOf(std::string_view photo_sha256, const restore::PhotoOptions& options,
                  const ModelChecksums& models) {
  auto unnamed = options;  // By which name its networks were asked for changes no result.
  unnamed.model.reset();
  auto text = fmt::format("{}\n{}\n{}\n{}", kRevision, photo_sha256,
                          restore::CanonicalJson(unnamed), models.faces);
  const bool changes_more = options.restore.changes_whole_photo() || options.restore.repairs();
  if (changes_more) text += "\n" + models.whole_photo;
  return Sha256(AsBytes(text));
}

std::string ResultBase(const jobs::Job& job) { return job.key.substr(0, kResultBaseLength); }

std::string FacesName(const jobs::Job& job) { return ResultBase(job) + ".faces"; }

}  // namespace gpen::photos
