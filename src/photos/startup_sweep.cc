#include "photos/startup_sweep.h"

#include <string>
#include <unordered_set>

#include "base/folder.h"
#include "photos/photo_job.h"
#include "photos/photo_key.h"

namespace gpen::photos {
namespace {

namespace fs = std::filesystem;

using Names = std::unordered_set<std::string>;

// What the jobs speak of, by name.
struct KnownNames {
  Names uploads;
  Names done;    // Results' base names (ResultBase).
  Names undone;  // Base names of results that are not there yet.
};

Result<KnownNames> ReadNames(jobs::JobStore* store) {
  KnownNames names;
  jobs::JobFilter filter;
  filter.limit = 500;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const auto page, store->List(filter));
    if (page.empty()) return names;
    filter.before = page.back().id;
    for (const auto& job : page) {
      if (const auto photo = PhotoJob::Of(job)) {
        if (const auto* upload = std::get_if<UploadedPhoto>(&photo->task.source)) {
          names.uploads.insert(upload->file);
        }
      }
      auto& bases = job.state == jobs::JobState::kDone ? names.done : names.undone;
      bases.insert(ResultBase(job));
    }
  }
}

// Deletes the files of `folder` for which `is_leftover(name)` holds, and counts them.
template <typename Predicate>
int Sweep(const fs::path& folder, const Predicate& is_leftover) {
  int removed = 0;
  for (const auto& entry : EntriesOf(folder)) {
    std::error_code failed;
    if (!entry.is_regular_file(failed) || !is_leftover(entry.path().filename().string())) continue;
    if (fs::remove(entry.path(), failed)) ++removed;
  }
  return removed;
}

}  // namespace

Result<SweepReport> SweepLeftovers(jobs::JobStore* store, const DataFolder& folder) {
  GPEN_ASSIGN_OR_RETURN(const auto names, ReadNames(store));
  const auto is_lost_upload = [&](const std::string& name) {
    return IsPlainFileName(name) && !names.uploads.contains(name);
  };
  const auto is_lost_result = [&](const std::string& name) {
    const auto base = name.substr(0, name.find('.'));
    return names.undone.contains(base) && !names.done.contains(base);
  };
  // Nobody asks for a thumbnail but through its job.
  const auto is_lost_thumbnail = [&](const std::string& name) {
    return IsPlainFileName(name) && !names.done.contains(name.substr(0, name.find('.')));
  };
  const auto are_lost_faces = [&](const std::string& name) {
    return name.ends_with(".faces") && !names.done.contains(name.substr(0, name.find('.')));
  };
  SweepReport report;
  report.uploads = Sweep(folder.Upload(""), is_lost_upload);
  report.results = Sweep(folder.Output(""), is_lost_result) +
                   Sweep(folder.Thumbnail(""), is_lost_thumbnail) +
                   Sweep(folder.Faces(""), are_lost_faces);
  return report;
}

}  // namespace gpen::photos
