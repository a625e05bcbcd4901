#include "photos/startup_sweep.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/descriptor.h"
#include "base/folder.h"
#include "base/piecewise_read.h"
#include "base/sha256.h"
#include "codec/sniff.h"
#include "photos/new_photo_job.h"
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
  filter.bin = jobs::BinFilter::kToo;
  filter.removing_too = true;  // Their files are not lost: they go.
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

// The files of `folder` for which `is_wanted(name)` holds.
template <typename Predicate>
std::vector<fs::path> FilesOf(const fs::path& folder, const Predicate& is_wanted) {
  std::vector<fs::path> files;
  for (const auto& entry : EntriesOf(folder)) {
    std::error_code failed;
    if (entry.is_regular_file(failed) && is_wanted(entry.path().filename().string())) {
      files.push_back(entry.path());
    }
  }
  return files;
}

int SetAside(const DataFolder& folder, const std::vector<fs::path>& files) {
  int moved = 0;
  for (const auto& file : files) {
    if (folder.SetAside(file)) ++moved;
  }
  return moved;
}

std::vector<fs::path> LostUploads(const DataFolder& folder, const KnownNames& names) {
  return FilesOf(folder.Upload(""), [&](const std::string& name) {
    return IsPlainFileName(name) && !names.uploads.contains(name);
  });
}

// "photo-0123abcd.jpg": nobody knows its name any more. Errors: those of reading it.
Result<StoredUpload> Identify(const fs::path& upload) {
  StoredUpload found;
  found.file = upload.filename().string();
  GPEN_ASSIGN_OR_RETURN(found.sha256, Sha256OfFile(upload));
  std::array<std::byte, 64> head = {};  // Tells the kind.
  const Descriptor file(::open(upload.c_str(), O_RDONLY | O_CLOEXEC));
  const auto read = ReadAt(file.get(), 0, head);
  const auto format = codec::SniffFormat(std::span(head).first(read.bytes));
  found.name =
      fmt::format("photo-{}{}", found.file.substr(0, 8), format ? codec::ExtensionOf(*format) : "");
  std::error_code error;
  found.bytes = static_cast<std::int64_t>(fs::file_size(upload, error));
  return found;
}

}  // namespace

Result<SweepReport> SweepLeftovers(jobs::JobStore* store, const DataFolder& folder) {
  GPEN_ASSIGN_OR_RETURN(const auto names, ReadNames(store));
  const auto is_lost_result = [&](const std::string& name) {
    const auto base = name.substr(0, name.find('.'));
    return names.undone.contains(base) && !names.done.contains(base);
  };
  const auto is_lost_thumbnail = [&](const std::string& name) {
    return IsPlainFileName(name) && !names.done.contains(name.substr(0, name.find('.')));
  };
  const auto are_lost_faces = [&](const std::string& name) {
    return name.ends_with(".faces") && !names.done.contains(name.substr(0, name.find('.')));
  };
  SweepReport report;
  report.uploads = SetAside(folder, LostUploads(folder, names));
  report.results = SetAside(folder, FilesOf(folder.Output(""), is_lost_result)) +
                   SetAside(folder, FilesOf(folder.Thumbnail(""), is_lost_thumbnail)) +
                   SetAside(folder, FilesOf(folder.Faces(""), are_lost_faces));
  return report;
}

Result<int> ResubmitLostUploads(jobs::JobStore* store, const DataFolder& folder,
                                const ModelChecksums& model_sha256) {
  GPEN_ASSIGN_OR_RETURN(const auto names, ReadNames(store));
  const restore::PhotoOptions options;
  int submitted = 0;
  for (const auto& upload : LostUploads(folder, names)) {
    GPEN_ASSIGN_OR_RETURN(const auto found, Identify(upload));
    auto job = NewPhotoJob(found, options, model_sha256);
    job.priority = jobs::JobPriority::kBatch;
    GPEN_TRY(store->Submit(job));
    ++submitted;
  }
  return submitted;
}

}  // namespace gpen::photos
